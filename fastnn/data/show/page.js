// Columns by name: hides the cards whose name does not contain what was typed.
const find = document.querySelector(".find");
if (find) {
  const field = find.querySelector("input"), told = find.querySelector("output");
  const cards = [...document.querySelectorAll(".column")];
  find.hidden = cards.length < 9;
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    let n = 0;
    for (const card of cards) {
      card.hidden = !card.dataset.name.toLowerCase().includes(wanted);
      n += !card.hidden;
    }
    told.textContent = wanted ? `${n} of ${cards.length}` : "";
  });
}
