# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    app_title="1 Neural networks within neuroscience",
    css_file="chapter.css",
)

with app.setup:
    import marimo as mo
    import numpy as np

    from fastnn import book, neuro
    from fastnn.plot import style


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    # 1 Neural networks within neuroscience

    When you have read this chapter, you can

    - name the regions of a neuron, and say what each one does to a signal;
    - derive how far a voltage reaches along a dendrite, and check it on a simulated one;
    - predict the resting potential, the time constant and the firing rate of a model cell from its parameters;
    - say what the sodium-potassium pump does, what it does not do, and how it can act as a memory;
    - compute how fast a signal travels in an axon with myelin and in one without;
    - show that the same cells do different things when they are wired differently;
    - correct eight popular statements about neurons, six of them with a simulation.

    The artificial networks of the later chapters are named after nerve cells.
    This chapter looks at the original, so that you know what was copied and what was left out.
    It needs no biology beforehand.

    Every simulation comes from `fastnn.neuro`.
    A model is made with its parameters, `run` simulates it for so many milliseconds, and what it returns holds the times `sim.t` and the voltages `sim.V`.
    Rows are times here: `sim.V` has the shape `(n_steps,)`, or `(n_steps, n_places)` for a cell with many places.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Neurons and glia

    A **neuron** is a cell that receives signals from some cells and passes signals on to others.
    The human brain has about 86 billion of them (Azevedo et al., 2009).

    Like every cell it is wrapped in a **membrane**, a film of fat too thin for a light microscope.
    On both sides of it is salty water.
    The salts are split into **ions**, atoms with an electric charge: mostly sodium $\mathrm{Na^+}$ and chloride $\mathrm{Cl^-}$ outside, and potassium $\mathrm{K^+}$ inside.
    Ions do not pass through fat.
    They pass through **channels**, proteins with a hole that lets one or a few kinds of ions through.
    So there can be more positive charge on one side of the membrane than on the other.
    The voltage inside, measured against the outside, is the **membrane potential** $V$.
    A neuron that is left alone keeps it near $-65$ millivolts (mV).
    All signals in this chapter are changes of $V$.

    A neuron has four regions, and the chapter visits them in the order in which a signal does:

    1. **Dendrites**, branched like a tree, receive signals from other cells.
    2. The **soma**, the cell's body, holds the nucleus; the currents of all dendrites meet here.
    3. The **axon**, a single thin fibre, carries the answer away. It leaves the soma at the **hillock**.
    4. The **terminals** at the ends of the axon hand the signal to other cells at contacts called **synapses**.
    """)
    return


@app.cell(hide_code=True)
def _():
    plt = book.pyplot()

    def draw_neuron():
        picture, ax = plt.subplots(figsize=(6.5, 2.7))
        ink, dendrite = style.INK, style.BLUE
        for x, y, bends in (
            (1.5, 1.25, ((0.9, 2.1), (0.3, 2.4))),
            (1.5, 1.25, ((0.9, 2.1), (1.1, 2.7))),
            (1.4, 1.0, ((0.7, 1.0), (0.1, 1.3))),
            (1.4, 1.0, ((0.7, 1.0), (0.1, 0.7))),
            (1.5, 0.75, ((0.9, 0.0), (0.3, -0.3))),
            (1.5, 0.75, ((0.9, 0.0), (1.1, -0.6))),
        ):
            points = np.array([(x, y), *bends])
            ax.plot(*points.T, color=dendrite, linewidth=2.5)
        ax.plot([2.2, 8.2], [1, 1], color=ink, linewidth=2)
        ax.fill([2.1, 2.1, 2.75], [1.3, 0.7, 1.0], color=style.ORANGE, zorder=3)
        ax.add_patch(plt.Circle((1.8, 1), 0.5, color=style.INK, zorder=4))
        for i in range(4):
            ax.plot(
                [3.1 + 1.3 * i, 4.2 + 1.3 * i], [1, 1], color=style.SKY, linewidth=11
            )
        for y in (0.0, 1.0, 2.0):
            ax.plot([8.2, 8.9], [1, y], color=ink, linewidth=2)
            ax.plot([8.9], [y], "o", color=style.RED, markersize=8)
        words = (
            ("dendrites", 0.45, 3.0, dendrite),
            ("soma", 1.95, 1.85, ink),
            ("hillock", 2.7, 0.05, style.RED),
            ("axon in its myelin sheath", 5.6, 1.55, ink),
            ("nodes of Ranvier", 5.6, 0.05, ink),
            ("terminals", 8.7, 2.55, style.RED),
        )
        for text, x, y, colour in words:
            ax.text(x, y, text, color=colour, ha="center", va="center", fontsize=10)
        ax.annotate(
            "", (2.4, 0.8), (2.6, 0.2), arrowprops={"arrowstyle": "->", "color": ink}
        )
        for x in (4.3, 5.6, 6.9):
            arrow = {"arrowstyle": "->", "color": ink, "linewidth": 0.8}
            ax.annotate("", (x - 0.05, 0.85), (5.6, 0.2), arrowprops=arrow)
        ax.set(xlim=(-0.3, 9.5), ylim=(-0.9, 3.3))
        ax.set_axis_off()
        return picture

    book.figure(
        draw_neuron(),
        alt="A drawing of a neuron from left to right: branched dendrites, a round "
        "soma, the cone of the hillock, an axon in four pieces of myelin with gaps "
        "between them, and three terminals.",
        caption="The regions of a neuron, not to scale: an axon can be a hundred "
        "thousand times as long as the soma is wide.",
    )
    return (plt,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The brain's other large family of cells are the **glia**, at most about as many as the neurons: Azevedo et al. (2009) counted 85 billion cells that are not neurons.
    They do not fire.
    Some wrap axons in myelin (a later part of this chapter), others defend the tissue or feed it.
    One kind, the astrocytes, keeps the water between the cells clean: when neurons are active, potassium leaks out of them, and astrocytes take it up. (How glia answer to that potassium was first measured by Orkand, Nicholls and Kuffler, 1966.)

    That service can be simulated.
    The model of Barreto and Cressman (2011) is a neuron whose ions are counted.
    $[K]_o$, the concentration of potassium outside, in millimoles per litre (mM), changes for four reasons:

    $$
    \frac{d[K]_o}{dt} = \underbrace{\beta\gamma\, I_K}_{\text{out of the channels}} - \underbrace{2\beta P}_{\text{back by the pump}} - \underbrace{G}_{\text{into glia}} - \underbrace{D}_{\text{away by diffusion}}
    $$

    $I_K$ is the current through potassium channels, $\gamma$ turns a current into a concentration per second, and $\beta = 7$ is how many times smaller the space outside is than the cell.
    We drive the neuron hard for five seconds, once with glia and once without.
    """)
    return


@app.cell
def _():
    def driven(glia):
        cell = neuro.BarretoCressman(k_bath=4, glia=glia)
        drive = neuro.step(3, start_ms=1000, stop_ms=6000)
        return cell.run(12_000, dt_ms=0.03, stimulus=drive, record_ms=0.09)

    with_glia, without_glia = driven(glia=200 / 3), driven(glia=0)
    return with_glia, without_glia


@app.cell(hide_code=True)
def _(plt, with_glia, without_glia):
    def draw_glia():
        picture, ax = plt.subplots(figsize=(6.5, 2.8))
        ax.axvspan(1, 6, color="0.92")
        ax.text(1.1, 16.8, "driven", color="0.35")
        for sim, colour, dash, name in (
            (without_glia, style.RED, "--", "without glia"),
            (with_glia, style.BLUE, "-", "with glia"),
        ):
            ax.plot(
                sim.t[::50] / 1000, sim["K_o"][::50], dash, color=colour, label=name
            )
        ax.set(xlabel="time (s)", ylabel="potassium outside (mM)")
        ax.legend()
        return picture

    book.figure(
        draw_glia(),
        alt="Potassium outside rises from 4 mM while the neuron is driven, to about 12 "
        "mM with glia and to about 17 mM without, and falls back afterwards.",
        caption="Glia keep the potassium outside a busy neuron lower.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Without glia the potassium reaches 17 mM, half as much again as with them. (It falls before the drive ends because the sodium-potassium pump, of which more later, works harder the more ions have been exchanged.)

    The first prediction is bookkeeping.
    Matter is not lost: what the channels let out must be found again in the pump, in the glia, in the surroundings, or still outside.
    Integrating the equation above from the beginning to the end gives

    $$
    \underbrace{\int \beta\gamma I_K\, dt}_{\text{let out}} = \int 2\beta P\, dt + \int G\, dt + \int D\, dt + \big([K]_o(\text{end}) - [K]_o(0)\big)
    $$
    """)
    return


@app.cell
def test_no_potassium_is_lost(with_glia, without_glia):
    def account(sim):
        cell, seconds = sim.model, sim.dt_ms / 1000
        let_out = (cell.beta * cell.gamma * sim["I_K"])[:-1].sum() * seconds
        pump = (2 * cell.beta * sim["P"])[:-1].sum() * seconds
        glia, away = (sim[name][:-1].sum() * seconds for name in "GD")
        return let_out, pump, glia, away, sim["K_o"][-1] - sim["K_o"][0]

    _rows, _taken = [], {}
    for _name, _sim in (("with glia", with_glia), ("without", without_glia)):
        _out, *_found = account(_sim)
        _taken[_name] = _found[1]
        _rows.append((f"potassium let out, mM, {_name}", sum(_found), _out))
    # 0.2 %: the sum sees every third step of the simulation only
    assert _taken["with glia"] > 5 and _taken["without"] == 0
    highest, lower = without_glia["K_o"].max(), with_glia["K_o"].max()
    assert 16.5 < highest < 17.5 and 1.4 < highest / lower < 1.6
    assert highest > lower + 3
    book.beside(_rows, rel=2e-3)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Dendrites and spines

    A dendrite is a tube of membrane, filled with salty water.
    Why would the voltage at its far end differ from that at the soma?
    Because a current that flows along the tube leaks out through the wall on the way, like water from a perforated hose.
    How far it comes is decided by two resistances: $R_i$, that of the water inside, in $\Omega\,\mathrm{cm}$, and $R_m$, that of the wall, in $\mathrm{k\Omega\,cm^2}$.
    The wall also stores charge, $C_m$ microfarads for each $\mathrm{cm^2}$.
    Let $d$ be the diameter, $x$ the place along the tube, and $V(x, t)$ the potential above its value at rest.

    ### The cable equation

    Inside the tube, the current follows Ohm's law. A slice of length $dx$ has the resistance $R_i\,dx$ over the cross-section $\pi d^2 / 4$, so

    $$
    I(x) = -\frac{\pi d^2}{4 R_i}\,\frac{\partial V}{\partial x}
    $$

    The minus says that current flows from high to low. What enters a slice and does not leave it at the other end must go through its wall, an area $\pi d\,dx$. There it charges the membrane, or leaks out:

    $$
    I(x) - I(x + dx) = \pi d\,dx \left( C_m \frac{\partial V}{\partial t} + \frac{V}{R_m} \right)
    $$

    The left side is $-\frac{\partial I}{\partial x}dx$. Put in the first equation, and divide by $\pi d\,dx$:

    $$
    \frac{d}{4 R_i}\,\frac{\partial^2 V}{\partial x^2} = C_m \frac{\partial V}{\partial t} + \frac{V}{R_m}
    $$

    Multiply by $R_m$. Two numbers are left, a length and a time:

    $$
    \lambda^2\,\frac{\partial^2 V}{\partial x^2} = \tau\,\frac{\partial V}{\partial t} + V,
    \qquad \lambda = \sqrt{\frac{d\,R_m}{4 R_i}}, \qquad \tau = R_m C_m
    $$

    This is the **cable equation**, known from telegraph cables, which Rall (1959) brought to dendrites; $\lambda$ is the **length constant** and $\tau$ the **time constant**.

    ### How much arrives

    Hold one end at $V(0)$ until nothing changes any more: $\partial V/\partial t = 0$, and $\lambda^2 V'' = V$.
    The solutions are $e^{x/\lambda}$, $e^{-x/\lambda}$ and their sums.
    The other end, at $x = L$, is sealed: no current leaves it, so $V'(L) = 0$. The sum with that property is

    $$
    V(x) = V(0)\,\frac{\cosh\big((L - x)/\lambda\big)}{\cosh(L/\lambda)}
    $$

    where $\cosh u = (e^u + e^{-u})/2$. The current that it takes at $x = 0$ is $-\frac{\pi d^2}{4R_i}V'(0) = \frac{\pi d^2}{4 R_i \lambda} V(0)\tanh(L/\lambda)$, so the end has the **input resistance**

    $$
    R_{in} = \frac{V(0)}{I(0)} = \frac{4 R_i \lambda}{\pi d^2}\,\coth(L/\lambda)
    $$

    A high input resistance means that a small current makes a large voltage.

    The simulation knows none of these solutions. It cuts the tube into compartments and lets current flow between neighbours.
    We send a steady current in at one end and wait for ten time constants.
    """)
    return


@app.cell
def test_how_much_arrives_at_the_end():
    diameter, R_m, _R_i = 2.0, 20.0, 100.0  # um, kOhm cm2, Ohm cm
    _reach = neuro.length_constant(diameter, R_m, _R_i)
    current = 0.01  # nA
    _rows = []
    for _length in (500.0, 1000.0, 3000.0):
        cable = neuro.Cable(
            _length, diameter, n_compartments=200, R_i=_R_i, g_L=1 / R_m
        )
        _sim = cable.run(200, dt_ms=0.1, stimulus=current)
        near, far = (_sim.at(("cable", x))[-1] - cable.E_L for x in (0.0, 1.0))
        _arrives = neuro.sealed_end(_length, _length, _reach)
        _ohms = neuro.sealed_end_resistance(_length, diameter, R_m, _R_i)
        _rows += [
            (f"{_length:.0f} µm: part that arrives", _arrives, far / near),
            (f"{_length:.0f} µm: input resistance, MΩ", _ohms, near / current),
        ]
    book.beside([("length constant, µm", 1000.0, _reach), *_rows], rel=1e-3)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The length constant is 1 mm here, and at the end of a dendrite of that length 65 % arrive.
    Few dendrites are much longer.
    Move the diameter: a dendrite four times as thick reaches twice as far.
    """)
    return


@app.cell(hide_code=True)
def _():
    thickness = mo.ui.slider(
        0.5,
        8.0,
        step=0.5,
        value=2.0,
        label="diameter of the dendrite, µm",
        show_value=True,
    )
    thickness
    return (thickness,)


@app.cell(hide_code=True)
def _(plt, thickness):
    def draw_cable(diameter):
        cable = neuro.Cable(1500.0, diameter)
        x = cable.grid.distance_um
        reach = neuro.length_constant(diameter, 20.0, 100.0)
        picture, ax = plt.subplots(figsize=(6.5, 2.8))
        smooth = np.linspace(0, 1500, 200)
        ax.plot(smooth, neuro.sealed_end(smooth, 1500.0, reach), label="cosh formula")
        ax.plot(x, cable.attenuation(), "o", markersize=4, label="compartments")
        if reach < 1250:
            ax.axvline(reach, color="0.6", linewidth=1)
            ax.text(reach + 10, 0.02, "length constant", color="0.35", fontsize=9)
        ax.set(
            xlabel="distance from the current (µm)",
            ylabel="part that arrives",
            ylim=(0, 1.05),
            xlim=(0, 1500),
            title=f"{diameter:g} µm thick: length constant {reach:.0f} µm",
        )
        ax.legend()
        return picture

    book.live(
        draw_cable,
        thickness,
        name="diameter of the dendrite, µm",
        at=(0.5, 2.0, 6.0),
        alt="The part of a steady voltage that arrives along a dendrite of 1500 µm "
        "that is {value} µm thick: it falls along the cosh curve, and the "
        "compartments of the simulation lie on it.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Spines

    The dendrites of many neurons are covered with **spines**: heads about half a micrometre wide, each on a neck that is thinner still.
    Most excitatory synapses of the cerebral cortex sit on one (Harris and Kater, 1994).
    What does a neck do? It is a resistance in series.
    Its membrane is so small that nearly nothing leaks, so by Ohm's law, for a neck of length $l$ and diameter $d_n$,

    $$
    R_{neck} = \frac{4 R_i\, l}{\pi d_n^2}, \qquad R_{head} = R_{dendrite} + R_{neck}
    $$

    A synaptic current therefore makes a larger voltage in the head than in the dendrite: the head is a small room of its own.
    We put one spine in the middle of a thin dendrite.
    """)
    return


@app.cell
def test_a_spines_neck_is_a_resistance_in_series():
    spiny = neuro.Tree(
        [
            neuro.Section("dendrite", 500, 1.0, dx_um=5),
            neuro.Section("neck", 1.0, 0.1, parent="dendrite", at=0.5),
            neuro.Section("head", 0.5, 0.5, parent="neck"),
        ]
    )
    _foot = ("dendrite", 0.5)
    _neck = 4 * 100 * 1e-4 / (np.pi * (0.1e-4) ** 2) / 1e6  # MOhm; lengths in cm
    _series = spiny.input_resistance(_foot) + _neck

    synapse = neuro.Synapse("head", "AMPA", weight_nS=0.5, times_ms=[5])
    _sim = spiny.run(30, synapses=[synapse], record=["head", _foot])
    at_head, at_foot = _sim.V.max(axis=0) - _sim.V[0]
    assert at_head > 1.3 * at_foot
    # 0.2 %: half of the head, and the membrane of the neck, are left out
    book.beside(
        [("input resistance of the head, MΩ", _series,
          spiny.input_resistance("head"))],
        rel=2e-3,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The same cell also let a synapse act on the head, and checked that the voltage of the head rises to at least 1.3 times that at its foot. (How a synapse acts is the subject of the next part.)
    Spines can also keep chemical signals to themselves, which this model does not show (Yuste, 2010).

    ## Excitation and inhibition

    A synapse does not send current into the next cell.
    It opens channels there, and the membrane potential decides which way the current goes:

    $$
    I_{syn} = g\,(E - V)
    $$

    $g$ is the **conductance** of the open channels, in nanosiemens (nS), and $E$ their **reversal potential**, the voltage at which no current flows.
    Channels that let sodium and potassium through alike have $E$ near 0 mV: they pull $V$ up. Such a synapse **excites**.
    Channels for chloride have $E$ near $-70\,\mathrm{mV}$: they hold $V$ down. Such a synapse **inhibits**.

    Now keep one excitatory conductance $g_e$ and one inhibitory $g_i$ open in a cell with the leak $g_L$. When nothing changes, all currents add up to 0:

    $$
    g_L (E_L - V) + g_e (E_e - V) + g_i (E_i - V) = 0
    $$

    Collect the terms with $V$ on the right and divide:

    $$
    V = \frac{g_L E_L + g_e E_e + g_i E_i}{g_L + g_e + g_i}
    $$

    The potential is a mean of the reversal potentials, weighted by conductance.
    Two things follow that a plain sum of inputs does not have.
    First, a second equal excitatory input adds less than the first: the sum in the denominator grows too. One says that the synapses **saturate**.
    Second, an inhibitory synapse with $E_i = E_L$ does nothing by itself, yet divides what excitation does. This is **shunting** inhibition.
    """)
    return


@app.cell
def test_synapses_make_a_weighted_mean():
    ball = neuro.Tree([neuro.Section("soma", 20, 20, n_compartments=1)])
    # nS: 0.05 mS/cm2 times the area in um2
    g_L = 0.05 * np.pi * 20 * 20 * 0.01

    def held_open(g, E):
        """A synapse that opens at once and stays open."""
        return neuro.Synapse(
            "soma", "AMPA", g, times_ms=[0], tau_rise=0.1, tau_decay=1e7, E=E
        )

    _rows = []
    for _name, _g_e, _g_i, _E_i in (
        ("excitation 0.5 nS", 0.5, 0.0, -65),
        ("excitation 1 nS: less than twice as much", 1.0, 0.0, -65),
        ("shunt 2 nS alone", 0.0, 2.0, -65),
        ("excitation 0.5 nS and shunt 2 nS", 0.5, 2.0, -65),
        ("excitation 0.5 nS and inhibition to -70 mV", 0.5, 2.0, -70),
    ):
        _mean = (g_L * -65 + _g_e * 0 + _g_i * _E_i) / (g_L + _g_e + _g_i)
        _sim = ball.run(
            400, dt_ms=0.1, synapses=[held_open(_g_e, 0), held_open(_g_i, _E_i)]
        )
        _rows.append((f"V, mV: {_name}", _mean, float(_sim.V[-1, 0])))
    book.beside(_rows, abs=0.01)  # 0.01 mV: the conductance still decays a little
    return ball, g_L


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Where a synapse sits

    On a tree the place matters as well.
    At a place with input resistance $R$, a conductance $g$ that pulls towards $E$ is balanced by the current $V/R$ that flows away ($V$ and $E$ measured from rest):

    $$
    g\,(E - V) = \frac{V}{R} \quad\Rightarrow\quad V = \frac{gR}{1 + gR}\,E
    $$

    Thin branches have a large $R$, so $gR$ comes near 1 there, and saturation bites.
    Two synapses of the same size at the same place give $2gR/(1+2gR)$, which is less than twice $gR/(1+gR)$ by the part

    $$
    1 - \frac{1 + gR}{1 + 2gR} = \frac{gR}{1 + 2gR}
    $$

    Our tree has a soma, a trunk and two branches A and B.
    The prediction uses $R$ alone; the measurement opens the synapses and waits.
    """)
    return


@app.cell
def _():
    def small_tree():
        inside = {"R_i": 150, "dx_um": 2}
        return neuro.Tree(
            [
                neuro.Section("soma", 20, 20, **inside),
                neuro.Section("trunk", 200, 2, parent="soma", **inside),
                neuro.Section("A", 300, 1, parent="trunk", **inside),
                neuro.Section("B", 300, 1, parent="trunk", **inside),
            ]
        )

    tree, tip_A, tip_B = small_tree(), ("A", 0.9), ("B", 0.9)
    return tip_A, tip_B, tree


@app.cell
def test_a_thin_branch_saturates(tip_A, tree):
    R = tree.input_resistance(tip_A) * 1e-3  # from MOhm to 1/nS

    def steady(n):
        """V above rest with n synapses of 1 nS held open at the tip of A."""
        one = neuro.Synapse(
            tip_A, weight_nS=1, times_ms=[0], tau_rise=0.1, tau_decay=1e7
        )
        sim = tree.run(400, dt_ms=0.1, synapses=[one] * n, record=[tip_A])
        return float(sim.V[-1, 0]) + 65.0

    _rows = [
        (f"{n} synapse{'s' * (n > 1)}: mV above rest", 65 * n * R / (1 + n * R),
         steady(n))
        for n in (1, 2, 10)
    ]
    _lost = 1 - steady(2) / (2 * steady(1))
    _rows.append(("part lost by the second", R / (1 + 2 * R), _lost))
    book.beside(_rows, rel=2e-3)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Real synapses are open for milliseconds, and saturate less because the membrane has no time to follow.
    One that opens briefly makes a bump of $V$, called an **EPSP** (excitatory postsynaptic potential).
    The next cell sends one EPSP from the tip of branch A, then two from the same place, then one from each branch, and looks at the soma.
    """)
    return


@app.cell
def _(tip_A, tip_B, tree):
    def at_soma(*synapses):
        return tree.run(45, synapses=list(synapses), record=["soma", tip_A])

    def epsp(place):
        return neuro.Synapse(place, "AMPA", weight_nS=1, times_ms=[10])

    def shunt(place):
        return neuro.Synapse(place, "GABA_A", weight_nS=10, times_ms=[8], E=-65)

    one_epsp = at_soma(epsp(tip_A))
    same_branch = at_soma(epsp(tip_A), epsp(tip_A))
    both_branches = at_soma(epsp(tip_A), epsp(tip_B))
    return at_soma, both_branches, epsp, one_epsp, same_branch, shunt


@app.cell(hide_code=True)
def _(both_branches, one_epsp, plt, same_branch):
    def draw_summation():
        picture, (left, right) = plt.subplots(1, 2, figsize=(6.5, 2.9))
        left.plot(
            one_epsp.t,
            one_epsp.V[:, 1] + 65,
            "--",
            color=style.RED,
            label="at the synapse",
        )
        left.plot(
            one_epsp.t, one_epsp.V[:, 0] + 65, color=style.BLUE, label="at the soma"
        )
        left.set(
            xlabel="time (ms)",
            ylabel="V above rest (mV)",
            title="one EPSP",
            ylim=(0, 18),
        )
        left.legend()
        alone = one_epsp.V[:, 0] + 65
        t = one_epsp.t
        right.plot(
            t, 2 * alone, color="0.75", linewidth=5, label="twice one: the plain sum"
        )
        right.plot(
            t, both_branches.V[:, 0] + 65, color=style.BLUE, label="one on each branch"
        )
        right.plot(
            t, same_branch.V[:, 0] + 65, "--", color=style.RED, label="both on A"
        )
        right.set(xlabel="time (ms)", title="two EPSPs at the soma", ylim=(0, 6.8))
        right.legend(loc="upper right", fontsize=8.5)
        return picture

    book.figure(
        draw_summation(),
        alt="Left: an EPSP is 13 mV high at its synapse and 2 mV at the soma. Right: "
        "two EPSPs on different branches add up to the plain sum, two on the same "
        "branch to visibly less.",
        caption="Inputs on different branches add up, inputs on the same branch "
        "hinder each other.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    For brief synapses there is no formula, but there is a second solution: the first column of numbers comes from another program, which solves the same tree by finite differences and Runge and Kutta's method.
    The last four rows ask where ten nanosiemens of shunting inhibition do most harm to the EPSP.
    """)
    return


@app.cell
def test_where_inhibition_acts(
    at_soma, both_branches, epsp, one_epsp, same_branch, shunt, tip_A, tip_B
):
    def height(sim, column=0):
        return float(sim.V[:, column].max()) + 65.0

    _one = height(one_epsp)
    _rows = [
        ("two on one branch: part lost", 0.134, 1 - height(same_branch) / (2 * _one)),
        ("one on each branch: part lost", 0.005,
         1 - height(both_branches) / (2 * _one)),
    ]
    for _name, _place, _taken in (
        ("at the soma", "soma", 0.373),
        ("on the way, in the trunk", ("trunk", 0.5), 0.375),
        ("beyond the synapse, on A", ("A", 0.95), 0.704),
        ("on the other branch", tip_B, 0.065),
    ):
        _left = height(at_soma(epsp(tip_A), shunt(_place)))
        _rows.append((f"inhibition {_name}: part taken", _taken, 1 - _left / _one))
    assert height(one_epsp, 1) > 10 and 1.5 < _one < 2.5
    book.beside(_rows, abs=0.01)  # the two programs cut the tree at different places
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    It does most harm close to the synapse, even beyond it. Between the synapse and the soma it acts on everything that passes, and on another branch it hardly matters.
    So a dendrite does more than add.
    It even hears an order in time.
    Four EPSPs, 6 ms apart, reach a higher sum at the soma when they come from the tip inwards than from the inside outwards, for then they arrive together (Rall, 1964).
    """)
    return


@app.cell
def test_a_dendrite_hears_the_order(at_soma):
    places, times = (0.95, 0.7, 0.45, 0.2), (10, 16, 22, 28)

    def peak(order):
        return at_soma(
            *(
                neuro.Synapse(("A", x), weight_nS=1, times_ms=[ms])
                for x, ms in zip(order, times, strict=True)
            )
        ).V[:, 0].max() + 65.0

    _inwards, _outwards = peak(places), peak(places[::-1])
    assert _inwards > 1.05 * _outwards
    book.table(
        ["four EPSPs", "peak at the soma, mV"],
        [["from the tip inwards", _inwards], ["from the inside outwards", _outwards]],
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## From one dendrite to hundreds of thousands of synapses

    A bipolar cell, as in the retina, has one main dendrite with a small tuft.
    A pyramidal cell of the hippocampus has about 30,000 excitatory synapses (Megías et al., 2001), and the flat fan of a Purkinje cell in the cerebellum of a rat about 175,000 from one kind of fibre alone (Napper and Harvey, 1988).
    What changes with the size of the tree, and with the number of inputs?

    ### A bigger tree

    A cable without an end has the input conductance $1/R_\infty = \frac{\pi}{2} d^{3/2} / \sqrt{R_m R_i}$ (let $L \to \infty$ in the formula above).
    It grows as $d^{3/2}$. So two daughters of diameters $d_1$ and $d_2$ take as much current as a continued parent of diameter $d$ if

    $$
    d_1^{3/2} + d_2^{3/2} = d^{3/2}
    $$

    A tree that obeys this rule at each fork, and whose tips are all equally far away in units of $\lambda$, acts on its trunk like *one* unbranched cylinder (Rall, 1959).
    We grow trees of up to 128 tips that obey it. Each generation is $0.15\,\lambda$ long, and the cylinder's formula predicts the input resistance.
    """)
    return


@app.cell
def _():
    trunk_um, generation = 4.0, 0.15  # diameter; length in length constants

    def rall_tree(forks):
        """A trunk that forks so many times: (tree, number of tips)."""
        sections, tips, diameter = [], [None], trunk_um
        for level in range(forks + 1):
            length = generation * neuro.length_constant(diameter, 20, 100)
            parents, tips = tips, []
            for parent in parents:
                for side in "ab"[: 2 if level else 1]:
                    name = (parent or "") + side
                    sections.append(
                        neuro.Section(
                            name, length, diameter, parent=parent, n_compartments=10
                        )
                    )
                    tips.append(name)
            diameter *= 2 ** (-2 / 3)  # two daughters: 2 d^1.5 as the parent's
        return neuro.Tree(sections), len(tips)

    return generation, rall_tree, trunk_um


@app.cell
def test_a_tree_is_a_cylinder(generation, rall_tree, trunk_um):
    _reach = neuro.length_constant(trunk_um, 20, 100)
    _rows = []
    for forks in (0, 2, 4, 7):
        grown, n_tips = rall_tree(forks)
        _cylinder = neuro.sealed_end_resistance(
            (forks + 1) * generation * _reach, trunk_um, 20, 100
        )
        _rows.append(
            (f"tips: {n_tips}; input resistance, MΩ", _cylinder,
             grown.input_resistance())
        )
    book.beside(_rows, rel=1e-3)
    return


@app.cell(hide_code=True)
def _(plt, rall_tree):
    def draw_sizes():
        forks = np.arange(8)
        grown = [rall_tree(n)[0] for n in forks.tolist()]
        tips = [tree.sections[-1].name for tree in grown]
        at_trunk = [tree.input_resistance() for tree in grown]
        arrives = [
            tree.attenuation((tip, 1.0))[0]
            for tree, tip in zip(grown, tips, strict=True)
        ]
        picture, axes = plt.subplots(1, 2, figsize=(6.5, 2.8))
        left, right = axes
        left.plot(2**forks, at_trunk, "o-")
        left.set(
            xscale="log", xlabel="number of tips", title="input resistance",
            ylabel="at the trunk (MΩ)", ylim=(0, None),
        )
        right.plot(2**forks, arrives, "o-", color=style.RED)
        right.set(
            xscale="log", xlabel="number of tips", title="from one tip to the trunk",
            ylabel="part that arrives", ylim=(0, 1.05),
        )
        for ax in axes:
            ax.set_xticks([1, 10, 100], ["1", "10", "100"])
        return picture

    book.figure(
        draw_sizes(),
        alt="With the number of tips, from 1 to 128, the input resistance at the trunk "
        "falls from over 700 to about 135 megaohms, and the part of a voltage at one "
        "tip that arrives at the trunk falls from nearly 1 to less than a tenth.",
        caption="The bigger the tree, the less a single input counts.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### More inputs

    Let $N$ synapses fire at random, each $r$ times per millisecond, with a conductance $w\,k(t)$ after each event, where $k$ has the peak 1.
    The conductance at any time is the sum of what all past events left open. Its mean is the number of events per millisecond times what one event brings in all its time (Campbell, 1909):

    $$
    \bar g = N r\, w A, \qquad A = \int_0^\infty k(t)\,dt
    $$

    With the weighted mean of the last part we know the mean potential, $\bar V = (g_L E_L + \bar g E)/(g_L + \bar g)$.
    How much does $V$ wander around it?
    One event lifts $V$ by about $a = w A\,(E - \bar V)/C$, where $C$ is the capacitance of the cell, and this decays with $\tau_{e} = C/(g_L + \bar g)$.
    For independent events the variance is the rate times the integral of the squared response (Campbell again). For a conductance that lasts $\tau_s$ it is

    $$
    \sigma_V^2 = N r \int_0^\infty a^2 \left(\frac{\tau_e}{\tau_e - \tau_s}\right)^2 \big(e^{-t/\tau_e} - e^{-t/\tau_s}\big)^2 dt = \frac{N r\, a^2\, \tau_e^2}{2(\tau_e + \tau_s)}
    $$

    Keep $N w$ fixed, and split it among more and more synapses.
    The mean stays, and $\sigma_V$ falls as $1/\sqrt N$: a cell with few large inputs is a noisy one, a cell with a hundred thousand small ones is a precise one.
    """)
    return


@app.cell
def _(ball):
    def bombarded(n, total_nS=50.0, rate_hz=1.0, T_ms=4000.0):
        """V of the ball under n random synapses that share total_nS among them."""
        synapses = neuro.poisson_synapses(
            ball, n, rate_hz, T_ms, weight_nS=total_nS / n, seed=1
        )
        return ball.run(T_ms, dt_ms=0.1, synapses=synapses)

    bombardments = {n: bombarded(n) for n in (1000, 10_000, 100_000)}
    return (bombardments,)


@app.cell
def test_the_mean_stays_and_the_noise_falls(bombardments, g_L):
    t = np.arange(0, 60, 0.001)
    area = neuro.Synapse("soma", weight_nS=1).conductance(t).sum() * 0.001  # A, in ms
    g = 50.0 * 1e-3 * area  # nS: N w times r in 1/ms times A
    mean = g_L * -65 / (g_L + g)
    C = np.pi * 20 * 20 * 0.01  # pF
    tau_e, tau_s = C / (g_L + g), 2.0
    _rows = []
    for n, _sim in bombardments.items():
        V = _sim.V[1000:, 0]  # after 100 ms, six time constants
        jump = 50.0 / n * area * (0 - mean) / C
        sigma = np.sqrt(n * 1e-3 / (2 * (tau_e + tau_s))) * jump * tau_e
        # about 100 independent stretches of V: its mean is known to sigma / 10
        _rows.append((f"{n:,} synapses: mean V, mV", mean, V.mean(), 0.4 * sigma))
        _rows.append((f"{n:,} synapses: sigma of V, mV", sigma, V.std(), 0.2 * sigma))
    book.beside(_rows)
    return


@app.cell(hide_code=True)
def _(bombardments, plt):
    def draw_bombardments():
        picture, ax = plt.subplots(figsize=(6.5, 2.8))
        looks = ((style.ORANGE, 0.9), (style.BLUE, 1.3), (style.INK, 1.8))
        for (n, sim), (colour, width) in zip(bombardments.items(), looks, strict=True):
            part = slice(1000, 6000)
            ax.plot(
                sim.t[part], sim.V[part, 0], color=colour, linewidth=width,
                label=f"{n:,} synapses",
            )
        ax.set(xlabel="time (ms)", ylabel="V (mV)")
        ax.legend(ncols=3, loc="upper center", bbox_to_anchor=(0.5, 1.2))
        return picture

    book.figure(
        draw_bombardments(),
        alt="Three traces around the same mean of about -54 mV: with 1,000 synapses it "
        "wanders by several millivolts, with 100,000 it is nearly a straight line.",
        caption="The same total input from a thousand, ten thousand and a hundred "
        "thousand synapses, each firing at random once a second.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## The soma

    The soma is the body of the cell: it makes most of the proteins, for the dendrites and the axon too.
    For electric signals it is above all a ball with a large membrane, where the currents of all dendrites meet.

    ### How fast it answers

    A ball has no length, so in the cable equation the term with $x$ is gone. With a current $I$ into the whole membrane, of resistance $R$, what is left is

    $$
    \tau\,\frac{dV}{dt} = -(V - E_L) + R I
    $$

    Call the distance to the final value $u = V - (E_L + RI)$. Then $\tau\,du/dt = -u$, so $u$ decays as $e^{-t/\tau}$, from $u(0) = -RI$:

    $$
    V(t) = E_L + R I\,\big(1 - e^{-t/\tau}\big)
    $$

    After one $\tau$ the cell has gone 63 % of the way. It remembers its inputs for about that long, here 20 ms.

    ### Why it rests at -65 mV

    Potassium is concentrated inside. Where only potassium channels are open, it diffuses out. Each ion takes its charge along, the inside becomes negative and pulls ions back, until drift and diffusion cancel. In a channel along $x$, with concentration $c$, charge number $z$, temperature $T$ in kelvin, the gas constant $R$ and Faraday's constant $F$, no net flow means

    $$
    \frac{dc}{dx} + \frac{zF}{RT}\,c\,\frac{dV}{dx} = 0
    \quad\Rightarrow\quad
    dV = -\frac{RT}{zF}\,\frac{dc}{c}
    $$

    Integrate from outside to inside, with $V = 0$ outside:

    $$
    E = \frac{RT}{zF}\,\ln\frac{c_{out}}{c_{in}}
    $$

    This is the **Nernst potential** (Nernst, 1888), the reversal potential of channels for one ion.
    It is about $-95\,\mathrm{mV}$ for potassium, and $+50\,\mathrm{mV}$ or more for sodium, of which there is more outside.

    With several kinds of channels open, the currents must cancel in sum, $\sum_i g_i (V - E_i) = 0$, and this is the weighted mean again:

    $$
    V_{rest} = \frac{\sum_i g_i E_i}{\sum_i g_i}
    $$

    (Goldman, 1943, and Hodgkin and Katz, 1949, have another form of the same idea, with permeabilities inside the logarithm.)
    At rest many more potassium than sodium channels are open: so rest lies near potassium's end.
    Three tests: the charging of a ball, a cell with potassium channels only, in three different baths, and a complete cell at rest.
    """)
    return


@app.cell
def test_the_soma_charges_and_rests(ball, g_L):
    _sim = ball.run(60, dt_ms=0.05, stimulus=0.005)  # nA
    _rows = []
    for _ms in (5.0, 20.0, 50.0):
        _V = -65 + 0.005 * 1000 / g_L * (1 - np.exp(-_ms / 20.0))
        _rows.append(
            (f"V after {_ms:g} ms, mV", _V, float(_sim.V[round(_ms / 0.05), 0]))
        )

    RT_F = 8.314462 * (273.15 + 36) / 96485.33 * 1000  # mV, at 36 degrees
    for _bath in (4.0, 8.0, 16.0):
        only_potassium = neuro.BarretoCressman(
            k_bath=_bath, g_Na=0, g_Na_leak=0, g_Cl_leak=0, rho=0, glia=0
        )
        _sim = only_potassium.run(4000, dt_ms=0.03, record_ms=3)
        _inside = 140 + (18 - _sim["Na_i"][-1])
        _nernst = RT_F * np.log(_sim["K_o"][-1] / _inside)
        _rows.append((f"potassium only, bath {_bath:g} mM: V, mV", _nernst, _sim.V[-1]))

    _cell = neuro.HodgkinHuxley()
    _sim = _cell.run(50)
    _m, _h, _n = (_sim.final[gate] for gate in "mhn")
    _g = np.array([_cell.g_Na * _m**3 * _h, _cell.g_K * _n**4, _cell.g_L])
    _E = np.array([_cell.E_Na, _cell.E_K, _cell.E_L])
    _rows.append(("complete cell at rest: V, mV", _g @ _E / _g.sum(), _sim.V[-1]))
    assert _g[1] > 20 * _g[0]  # open for potassium, and for sodium
    book.beside(_rows, abs=0.01)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## The sodium-potassium pump, and what it really does

    Channels let ions run down: potassium out, sodium in.
    Something has to carry them back, or the concentrations would become equal and all voltages 0.
    That is the **sodium-potassium pump**, a protein in the membrane found by Skou (1957).
    In one cycle it carries **three sodium ions out and two potassium ions in**, and splits one molecule of **ATP**, the cell's fuel (Post and Jolly, 1957, counted the ions).

    Three charges out and two in are one charge out for each cycle.
    So the pump makes a small *outward* current $I_p$: it makes the inside more negative. Such a pump is called electrogenic (Thomas, 1972).
    Of the cycles per second and area there are $I_p / e$, where $e$ is the charge of one ion, and the sodium that they carry is $3 I_p$, as a current.

    What does it do for a spike, the neuron's signal, which the next part explains? Nothing directly: a spike takes 2 ms and is made by channels.
    The pump restores afterwards what the spike has spent.
    The following model is a patch of membrane whose sodium is counted, with the pump

    $$
    I_p = \frac{I_{max}}{1 + (K_m / [Na]_i)^3}, \qquad
    \frac{d[Na]_i}{dt} = -\big(I_{Na} + 3 I_p + j\big)\,\frac{S}{F}
    $$

    $[Na]_i$ is the sodium inside. The pump answers to it: the more sodium, the faster it runs. $j$ is a constant leak of sodium, $S$ the surface of the cell over its volume, $F$ Faraday's constant.

    Four predictions:

    1. At rest, the pump's sodium, three ions a cycle, balances what comes in: $3 I_p = -(I_{Na} + j)$.
    2. Weaken the pump by 5 % and keep the sodium as it is. The outward current loses $0.05\,I_p$, so $V$ *rises* by $0.05\,I_p / G$, where $G$ is the slope of the cell's own current against $V$.
    3. Stop the pump, as the poison ouabain does. Sodium comes in as fast as the pump carried it out: it rises at the rate $3 I_p\,S/F$.
    4. A spike with the pump stopped is as high as one with the pump at work.
    """)
    return


@app.cell
def test_what_the_pump_does():
    _patch = neuro.PumpedHodgkinHuxley()
    _kick = neuro.pulse(10, start_ms=5, width_ms=1)
    I_p, seconds = _patch.p_rest, 1.0

    _rest = _patch.run(100, dt_ms=0.025)
    _inflow = -(_rest["I_Na"][-1] + _patch.j_leak)

    _cell = neuro.HodgkinHuxley()
    around = _cell.resting_potential() + np.array([-0.01, 0.01])
    G = np.diff(_cell.steady_current(around))[0] / 0.02
    clamped = neuro.PumpedHodgkinHuxley(sodium="clamped")
    _weak = clamped.run(150, dt_ms=0.025, pump_activity=0.95)

    neutral = neuro.PumpedHodgkinHuxley(electrogenic=False)
    ouabain = neutral.run(1000 * seconds, dt_ms=0.025, pump_activity=0, record_ms=1)
    _rise = 3 * I_p * _patch.S_V / 96485 * seconds  # mM

    with_pump = neutral.run(20, dt_ms=0.01, stimulus=_kick)
    no_pump = neutral.run(20, dt_ms=0.01, stimulus=_kick, pump_activity=0)
    assert len(no_pump.spike_times) == 1

    book.beside(
        [
            ("1. sodium at rest, out and in, µA/cm²", 3 * I_p, _inflow, 0.01),
            ("2. pump 5 % weaker: V rises, mV", 0.05 * I_p / G,
             _weak.V[-1] - _weak.V[0], 0.01),
            # nearly constant: the inflow falls by a little as sodium's gradient does
            ("3. pump stopped: sodium after 1 s, mM", _rise,
             ouabain["Na_i"][-1] - ouabain["Na_i"][0], 0.02),
            ("4. spike without the pump: peak, mV", with_pump.V.max(),
             no_pump.V.max(), 0.1),
        ]
    )
    return


@app.cell(hide_code=True)
def _(plt):
    def draw_ouabain():
        patch = neuro.PumpedHodgkinHuxley(electrogenic=False)
        activity = 1 + neuro.step(-1, start_ms=500)
        taps = neuro.pulse(10, start_ms=200, width_ms=1, period_ms=400)
        sim = patch.run(
            6000, dt_ms=0.025, stimulus=taps, pump_activity=activity, record_ms=0.2
        )
        picture, (top, bottom) = plt.subplots(2, 1, figsize=(6.5, 3.6), sharex=True)
        top.plot(sim.t / 1000, sim.V, color=style.INK, linewidth=0.8)
        top.set(ylabel="V (mV)")
        bottom.plot(sim.t / 1000, sim["E_Na"], color=style.RED)
        bottom.set(ylabel="$E_{Na}$ (mV)", xlabel="time (s)")
        for ax in (top, bottom):
            ax.axvline(0.5, color=style.BLUE, linestyle="--")
        bottom.text(0.55, sim["E_Na"].min() + 1, "pump stopped", color=style.BLUE)
        picture.align_ylabels()
        return picture

    book.figure(
        draw_ouabain(),
        alt="Above, a row of spikes, one every 0.4 s; they go on after the pump is "
        "stopped at 0.5 s and become slowly lower. Below, sodium's Nernst potential, "
        "constant until then, falls steadily.",
        caption="The pump stopped at 0.5 s. The spikes go on, and shrink only as the "
        "sodium that they depend on runs down.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    So the pump is to a neuron what a charger is to a battery: nothing works for long without it, and it is not the pump that makes the signal.
    It is expensive. Each spike lets sodium in, the pump takes a third of that number in ATP, and signalling uses most of the energy of the brain's grey matter (Attwell and Laughlin, 2001, estimate it for rodents).

    How much sodium must a spike let in at least? Enough to carry the charge $C_m\,\Delta V$ that lifts the potential. The model lets in far more, because sodium and potassium channels are open at the same time and their currents cancel.
    Warmer membranes waste less. At $T$ degrees all channels are faster by the factor $\phi = 3^{(T - 6.3)/10}$, which is 3.8 at 18.5 degrees. So the time for which both kinds are open is $\phi$ times shorter, and the sodium that enters should be about $\phi$ times less. Axons in the hippocampus of the rat come near the minimum (Alle, Roth and Geiger, 2009).
    """)
    return


@app.cell
def test_what_a_spike_costs():
    def enters(temperature_c):
        """(sodium of one spike in pmol/cm2, the least that could make it)."""
        cell = neuro.HodgkinHuxley(temperature_c=temperature_c)
        sim = cell.run(
            30, dt_ms=0.005, stimulus=neuro.pulse(20, start_ms=5, width_ms=1)
        )
        extra = sim["I_Na"] - sim["I_Na"][0]
        height = sim.V.max() - sim.V[0]
        return -extra.sum() * 0.005 / 96485 * 1e3, 1.0 * height / 96485 * 1e3

    (_cold, _least), (_warm, _least_warm) = enters(6.3), enters(18.5)
    assert _cold > 10 * _least and _warm < 4.5 * _least_warm
    phi = 3 ** ((18.5 - 6.3) / 10)
    book.beside(
        # 15 %: the spike is also smaller in the warmth, and its shape differs
        [("sodium at 6.3 over that at 18.5 degrees", phi, _cold / _warm)],
        rel=0.15,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Threshold and action potential

    Raise the potential of an axon a little: it falls back. Raise it by some millivolts more: it jumps to $+40\,\mathrm{mV}$ within a millisecond, and returns.
    The jump is the **action potential**, or **spike**, the signal that travels.
    It is *all or none*: once begun, its height does not depend on what began it.

    ### Hodgkin and Huxley's equations

    Hodgkin and Huxley (1952) measured the currents in the giant axon of the squid and explained the spike by channels that open and close with the potential:

    $$
    C_m \frac{dV}{dt} = I - g_{Na}\, m^3 h\,(V - E_{Na}) - g_K\, n^4\,(V - E_K) - g_L (V - E_L)
    $$

    $m$, $h$ and $n$ are **gates**: numbers from 0, closed, to 1, open.
    Each one goes towards a value that depends on $V$, with a time constant that depends on $V$ too:

    $$
    \frac{dx}{dt} = \frac{x_\infty(V) - x}{\tau_x(V)}, \qquad x = m, h, n
    $$

    What happens is a race of three.
    When $V$ rises, $m$ opens at once and lets sodium in, which raises $V$ further: positive feedback, the upstroke.
    A millisecond later $h$ has closed the sodium channels again, and $n$ has opened the potassium channels, which pull $V$ down.
    Both are slow to go back, so for some milliseconds the membrane is hard to excite: it is **refractory**.
    """)
    return


@app.cell
def _():
    squid = neuro.HodgkinHuxley()
    fired = squid.run(30, dt_ms=0.01, stimulus=neuro.pulse(10, start_ms=5, width_ms=1))
    return fired, squid


@app.cell(hide_code=True)
def _(fired, plt):
    def draw_spike():
        picture, (top, middle, bottom) = plt.subplots(
            3, 1, figsize=(6.5, 5.0), sharex=True, height_ratios=(1.3, 1, 1.2)
        )
        top.plot(fired.t, fired.V, color=style.INK)
        top.set(ylabel="V (mV)")
        for gate, colour, dash in (
            ("m", style.RED, "-"), ("h", style.ORANGE, "--"), ("n", style.BLUE, "-.")
        ):
            middle.plot(fired.t, fired[gate], dash, color=colour, label=gate)
        middle.set(ylabel="gate", ylim=(0, 1.05))
        for name, colour, dash, words in (
            ("I_Na", style.RED, "-", "sodium"), ("I_K", style.BLUE, "-.", "potassium")
        ):
            bottom.plot(fired.t, fired[name], dash, color=colour, label=words)
        bottom.set(ylabel="current\n(µA/cm²)", xlabel="time (ms)", xlim=(4, 25))
        for ax in (middle, bottom):
            ax.legend(loc="upper right", ncols=3)
        picture.align_ylabels()
        return picture

    book.figure(
        draw_spike(),
        alt="A spike of 2 ms up to 40 mV with a dip below rest after it. The gate m "
        "opens within the upstroke, h closes and n opens later. The sodium current is "
        "inward (negative), the potassium current outward and later.",
        caption="One spike: potential, gates and currents. An outward current counts "
        "as positive.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Send in a steady current and move it.
    Below about 2.2 µA/cm² there is no spike, then there are one to three, and from 6.3 on the membrane fires on and on.
    The rate does not begin at 0: it jumps to about 52 spikes per second.
    """)
    return


@app.cell
def test_the_rate_does_not_begin_at_0(squid):
    def spikes(current):
        return squid.run(500, stimulus=neuro.step(current, 10)).spike_times

    assert [len(spikes(current)) for current in (2.2, 2.3, 6.2)] == [0, 1, 3]
    _late = np.diff(spikes(6.3))[-5:]
    book.beside([("spikes per second at 6.3 µA/cm²", 52.0, 1000 / _late.mean(), 1.0)])
    return


@app.cell(hide_code=True)
def _():
    strength = mo.ui.slider(
        0, 40, step=1, value=10, label="current, µA/cm²", show_value=True
    )
    strength
    return (strength,)


@app.cell(hide_code=True)
def _(plt, squid, strength):
    def draw_step(current):
        sim = squid.run(150, stimulus=neuro.step(current, 10, 140))
        n = len(sim.spike_times)
        picture, ax = plt.subplots(figsize=(6.5, 2.6))
        ax.axvspan(10, 140, color="0.93")
        ax.plot(sim.t, sim.V, color=style.INK, linewidth=1.3)
        ax.set(
            xlabel="time (ms)", ylabel="V (mV)", ylim=(-82, 48),
            title=f"{current:g} µA/cm² for 130 ms: {n} spike{'s' * (n != 1)}",
        )
        return picture

    book.live(
        draw_step,
        strength,
        name="current, µA/cm²",
        at=(2, 4, 15),
        alt="The membrane potential under a steady current of {value} µA/cm² that "
        "lasts from 10 to 140 ms.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Where is the threshold?

    Textbooks give $-55\,\mathrm{mV}$. Measure it: look for the weakest pulse that makes a spike, and read $V$ at its end.
    The table sets beside it what independent programs (NEURON, SciPy) gave for the same equations.
    The value depends on how long the pulse is, and a ramp that rises slowly to 10 µA/cm² makes no spike at all, for $h$ and $n$ have time to follow.
    Threshold belongs to the membrane *and* the stimulus.
    """)
    return


@app.cell
def test_the_threshold_is_not_a_number_of_the_membrane(squid):
    _rows = []
    for _width, _expected in ((0.1, -58.7), (1.0, -59.0), (5.0, -56.8)):
        weakest = neuro.threshold(
            squid, lambda size, w=_width: neuro.pulse(size, 5, w), T_ms=30, dt_ms=0.01
        )
        _sim = squid.run(
            6 + _width, dt_ms=0.01, stimulus=neuro.pulse(weakest, 5, _width)
        )
        _V = _sim.V[round((5 + _width) / 0.01)]
        _rows.append((f"pulse of {_width:g} ms: V at its end, mV", _expected, _V))
    ramp = squid.run(200, stimulus=neuro.ramp(0.1, start_ms=5, top=10))
    assert ramp.stimulus.max() == 10 and len(ramp.spike_times) == 0
    book.beside(_rows, abs=0.3)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### The integrate-and-fire neuron

    There is a model in which the threshold *is* a number: the **leaky integrate-and-fire neuron** (LIF), which goes back to Lapicque (1907). It charges like the soma above, and when $V$ reaches $V_{th}$ it has fired: $V$ is set back to $V_r$ and stays there for $t_{ref}$. It is the step from biology to arithmetic, and two of its laws can be derived in a few lines. Its resistance is $R$, its time constant $\tau$.

    **How strong must a pulse be?** A pulse of current $I$ and width $w$ lifts $V$ by $RI(1 - e^{-w/\tau})$ above rest. Setting that equal to $V_{th} - E_L$:

    $$
    I_{th}(w) = \frac{I_{rh}}{1 - e^{-w/\tau}}, \qquad I_{rh} = \frac{V_{th} - E_L}{R}
    $$

    $I_{rh}$, what an endless pulse needs, is the **rheobase**. The width at which twice as much is needed, the **chronaxie**, follows from $1 - e^{-w/\tau} = \frac12$: it is $w = \tau \ln 2$.
    For very short pulses $1 - e^{-w/\tau} \approx w/\tau$, so $I_{th}\,w \approx I_{rh}\,\tau$: only the charge counts.

    **How fast does it fire?** Start at $V_r$. With $V_\infty = E_L + RI$, the solution is $V(t) = V_\infty + (V_r - V_\infty)e^{-t/\tau}$. It reaches $V_{th}$ when $e^{-t/\tau} = (V_\infty - V_{th})/(V_\infty - V_r)$. Add the refractory time, and take one over it:

    $$
    f = \frac{1}{t_{ref} + \tau \ln \dfrac{V_\infty - V_r}{V_\infty - V_{th}}} \qquad \text{if } V_\infty > V_{th}, \text{ else } 0
    $$

    Both laws are tested on the simulated LIF. The squid's membrane is no LIF, but for short pulses it obeys the law of constant charge too.
    """)
    return


@app.cell
def test_rheobase_chronaxie_and_rate(squid):
    _lif = neuro.LIF()
    # tau 20 ms, R 100 MOhm, rest -65 mV, threshold -50 mV
    rheobase = (_lif.V_th - _lif.E_L) / _lif.R_m
    widths = np.array([1.0, 20 * np.log(2), 50.0])
    _curve = neuro.strength_duration(_lif, widths, dt_ms=0.05, tolerance=1e-5)
    _rows = []
    for _w, _weakest in zip(widths.tolist(), _curve.thresholds.tolist(), strict=True):
        _I_th = rheobase / (1 - np.exp(-_w / 20))
        # 0.1 %: a pulse that ends within a step is spread over that step
        _rows.append(
            (f"LIF, pulse of {_w:.3g} ms: weakest, nA", _I_th, _weakest, 1e-3 * _I_th)
        )
    for _I in (0.16, 0.2, 0.4):
        _V_inf = _lif.E_L + _lif.R_m * _I
        _wait = _lif.tau_m * np.log((_V_inf - _lif.V_reset) / (_V_inf - _lif.V_th))
        _sim = _lif.run(1000, stimulus=_I)
        _interval = np.diff(_sim.spike_times).mean()
        _f = 1000 / (_lif.t_ref + _wait)
        _rows.append((f"LIF at {_I:g} nA: Hz", _f, 1000 / _interval, 1e-9))
    short = neuro.strength_duration(squid, [0.1, 0.2, 0.5], dt_ms=0.01)
    for _width, _charge in zip(short.widths_ms, short.charges, strict=True):
        _rows.append((f"squid, {_width:g} ms: least charge, nC/cm²", 6.5, _charge))
    book.beside(_rows, rel=0.03)  # 0.03: the last row leaves the law of short pulses
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### After a spike

    Send a first pulse that makes a spike, and look for the weakest second pulse that makes another.
    Soon after the first it must be many times as strong; this is the **relative refractory period**.
    Near 20 ms it may be *weaker* than at rest. Why?

    Near rest the four equations are nearly linear. Collect the derivatives of the right sides in a matrix of shape $(4, 4)$, the Jacobian $J$; a small disturbance then moves as a sum of $e^{\mu t}$, one for each eigenvalue $\mu$ of $J$. Two of the eigenvalues are complex, $\mu = -a \pm i\omega$: the membrane *rings* like a bell, with the period $2\pi/\omega$, and each swing is smaller than the last by the factor $e^{-2\pi a/\omega}$.
    One swing after a spike it is lifted, and easier to excite.
    A pulse far too weak for a spike shows the ringing.
    """)
    return


@app.cell
def test_the_membrane_rings(squid):
    _rest = squid.resting_potential()
    eigenvalues = np.linalg.eigvals(squid.jacobian(_rest))
    mu = eigenvalues[eigenvalues.imag.argmax()]
    _period = 2 * np.pi / mu.imag
    _smaller = np.exp(mu.real * _period)

    _sim = squid.run(60, dt_ms=0.01, stimulus=neuro.pulse(0.1, start_ms=5, width_ms=1))
    v = _sim.V - _rest
    tops = np.flatnonzero((v[1:-1] > v[:-2]) & (v[1:-1] > v[2:])) + 1
    tops = tops[_sim.t[tops] > 10][:2]  # the first swings after the pulse
    book.beside(
        [
            ("period of the ringing, ms", _period, np.diff(_sim.t[tops])[0]),
            ("each swing over the last", _smaller, v[tops[1]] / v[tops[0]]),
        ],
        rel=0.03,  # the other two eigenvalues have not quite died away
    )
    return


@app.cell(hide_code=True)
def _(plt, squid):
    refractory = neuro.refractoriness(
        squid, [8, 9, 10, 12, 14, 16, 18, 20, 22, 25, 30], dt_ms=0.025, tolerance=0.05
    )

    def draw_refractory():
        picture, ax = plt.subplots(figsize=(6.5, 2.8))
        ax.plot(refractory.gaps_ms, refractory.thresholds, "o-")
        ax.axhline(refractory.resting_threshold, color="0.5", linestyle="--")
        ax.text(8, refractory.resting_threshold * 1.06, "at rest", color="0.35")
        ax.set(
            xlabel="time after the first pulse (ms)",
            ylabel="weakest second pulse\n(µA/cm²)",
            yscale="log",
            yticks=[5, 10, 20, 50],
            yticklabels=["5", "10", "20", "50"],
        )
        ax.minorticks_off()
        return picture

    assert refractory.thresholds[0] > 5 * refractory.resting_threshold
    assert refractory.thresholds.min() < 0.9 * refractory.resting_threshold
    book.figure(
        draw_refractory(),
        alt="The weakest second pulse falls from about 50 at 8 ms to below 6 near 20 "
        "ms, under the value at rest of about 7, and comes back to it by 30 ms.",
        caption="Refractory first, then for a moment easier to excite than at rest.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## The pump as a computing element

    The pump is slow: it answers to sodium, which builds up over many spikes and is carried away in seconds.
    A spike lasts 2 ms and the membrane forgets within 20. So the pump gives a neuron a memory a hundred times as long as that of its membrane.
    Models of real neurons use it that way (Li, Bertram and Rinzel, 1996; Forrest et al., 2012; Zylbertal et al., 2017).

    Drive the patch of the pump's part for two seconds, in three versions: sodium held constant; sodium free and a pump without net charge; sodium free and the real, electrogenic pump.
    """)
    return


@app.cell
def _():
    drive_2s = neuro.step(10, start_ms=0, stop_ms=2000)
    versions = {
        "sodium held constant": {"sodium": "clamped"},
        "pump without net charge": {"electrogenic": False},
        "electrogenic pump": {},
    }
    pumped = {
        name: neuro.PumpedHodgkinHuxley(**options).run(
            8000, dt_ms=0.025, stimulus=drive_2s, record_ms=0.25
        )
        for name, options in versions.items()
    }
    return (pumped,)


@app.cell(hide_code=True)
def _(plt, pumped):
    def draw_pumped():
        picture, axes = plt.subplots(
            4, 1, figsize=(6.5, 5.4), sharex=True, height_ratios=(1, 1, 1, 1.3)
        )
        looks = (style.INK, style.BLUE, style.RED)
        dashes = (":", "--", "-")
        for ax, (name, sim), colour, dash in zip(
            axes, pumped.items(), looks, dashes, strict=False
        ):
            ax.plot(sim.t / 1000, sim.V, color=colour, linewidth=0.5)
            ax.set_title(f"{name}: {len(sim.spike_times)} spikes", fontsize=10)
            ax.set(ylabel="V (mV)", ylim=(-85, 50))
            axes[3].plot(sim.t / 1000, sim["Na_i"], dash, color=colour, label=name)
        axes[3].set(ylabel="sodium (mM)", xlabel="time (s)", xlim=(0, 8))
        axes[3].legend()
        picture.align_ylabels()
        return picture

    book.figure(
        draw_pumped(),
        alt="Under the same two seconds of current: with constant sodium the patch "
        "fires throughout; with a pump without charge it stops after about a second; "
        "with the electrogenic pump after 0.3 s. Sodium rises and then decays over "
        "seconds.",
        caption="The same current into three versions of the same membrane.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The electrogenic pump ends the firing early, and after the current has stopped it holds the cell below its rest for seconds. Both are predictable.

    **How far below?** The sodium changes so slowly that $V$ is always where all currents cancel for the present sodium: the resting potential of a Hodgkin-Huxley patch with the present $E_{Na}$ and the extra outward current $I_p - I_p(\text{rest})$.

    **For how long?** Let $N(s)$ be the sodium current in total, $I_{Na} + 3 I_p + j$, when the sodium is $s$ and $V$ has followed. Near rest $N$ is nearly a straight line through 0, so

    $$
    \frac{ds}{dt} = -\frac{S}{F}\,N(s) \approx -\frac{S}{F}\,N'(s_0)\,(s - s_0)
    \quad\Rightarrow\quad
    \tau_{Na} = \frac{F}{S\,N'(s_0)}
    $$
    """)
    return


@app.cell
def test_how_far_and_how_long(pumped):
    _sim = pumped["electrogenic pump"]
    _patch = _sim.model

    def follows(sodium):
        """(V, net sodium current) once V has followed the sodium, mM."""
        E_Na = 24.08 * np.log(_patch.Na_o / sodium)
        extra = _patch.pump_current(sodium) - _patch.p_rest
        cell = neuro.HodgkinHuxley(E_Na=E_Na)
        V = cell.resting_potential(-extra)
        m, h = (cell.run(0.05, start=V)[gate][0] for gate in "mh")
        I_Na = cell.g_Na * m**3 * h * (V - E_Na)
        return V, I_Na + 3 * _patch.pump_current(sodium) + _patch.j_leak

    _rows = []
    for _second in (3, 5):
        _k = round(_second * 1000 / _sim.dt_ms)
        _below = follows(_sim["Na_i"][_k])[0] - _patch.V_rest
        _rows.append(
            (f"after {_second} s: V above rest, mV", _below, _sim.V[_k] - _patch.V_rest)
        )
    slope = (follows(8.01)[1] - follows(7.99)[1]) / 0.02
    _tau = 96485 / (_patch.S_V * slope) / 1e-3 / 1000  # s
    _a, _b = (round(ms / _sim.dt_ms) for ms in (6000, 7900))
    extra = _sim["Na_i"] - _patch.Na_i
    _rows.append(
        ("time constant of sodium, s", _tau, 1.9 / np.log(extra[_a] / extra[_b]))
    )
    assert _tau > 100 * 0.020  # a hundred times the 20 ms of a membrane
    counts = [len(one.spike_times) for one in pumped.values()]
    assert counts[0] > 130 > counts[1] > counts[2]
    assert _sim.spike_times[-1] < 500
    book.beside(_rows, rel=0.03)  # the line instead of the curve N
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    A memory is there if the answer to an input depends on an earlier one.
    Two equal steps of half a second, with a gap between them: the electrogenic pump still works off the sodium of the first step and dampens the answer to the second, for up to ten seconds.
    """)
    return


@app.cell(hide_code=True)
def _(plt):
    recovery = [
        neuro.two_steps([200, 500, 1000, 2000, 4000, 7000, 10_000]),
        neuro.two_steps([200, 500, 1000, 2000], electrogenic=False),
    ]

    def draw_recovery():
        picture, ax = plt.subplots(figsize=(6.5, 2.8))
        for one, colour, mark in zip(
            recovery, (style.RED, style.BLUE), ("o-", "s--"), strict=True
        ):
            ax.plot(
                one.gap_ms / 1000, one.second / one.first, mark, color=colour,
                label=one.label,
            )
        ax.set(
            xlabel="gap between the steps (s)", ylabel="second answer\nover the first",
            ylim=(0, 1.08),
        )
        ax.legend(loc="lower right")
        return picture

    _kept = recovery[0].second / recovery[0].first
    assert _kept[0] < 0.3 and _kept[-1] == 1 and (np.diff(_kept) > 0).all()
    assert recovery[1].second[1] > 0.9 * recovery[1].first[1]
    book.figure(
        draw_recovery(),
        alt="With the electrogenic pump the second answer is a sixth of the first "
        "after 0.2 s and rises to all of it at 10 s; without the pump's charge it is "
        "nearly all from the beginning.",
        caption="What the pump remembers: spikes in a second step, over those in the "
        "first.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The pump can also set the *kind* of activity.
    In Barreto and Cressman's neuron of the first part, raise the potassium of the surroundings, $k_{bath}$, from 4 to 8 and 10 mM: the neuron is silent, then bursts every half minute, then fires without a pause.
    At 8 mM the pump's strength $\rho$ sets the rhythm of the bursts: a stronger pump clears the ions sooner, and the next burst comes earlier.
    The first column of numbers in the table is what independent solvers gave for the same equations.
    """)
    return


@app.cell
def _():
    burster = neuro.BarretoCressman(k_bath=8).run(60_000, dt_ms=0.03, record_ms=0.6)
    strong_pump = neuro.BarretoCressman(k_bath=8, rho=2.0).run(
        45_000, dt_ms=0.03, record_ms=0.6
    )
    quiet, busy = (
        neuro.BarretoCressman(k_bath=bath).run(15_000, dt_ms=0.03, record_ms=3)
        for bath in (4, 10)
    )
    return burster, busy, quiet, strong_pump


@app.cell
def test_the_pump_sets_the_rhythm(burster, busy, quiet, strong_pump):
    def period(sim):
        """Seconds from the beginning of one burst to the next, the last two."""
        times = sim.spike_times
        begins = times[np.diff(times, prepend=-1e9) > 2000]
        return np.diff(begins)[-1] / 1000

    _late = burster["K_o"][len(burster.t) // 2 :]
    assert len(quiet.spike_times) == 0
    assert np.diff(busy.spike_times[busy.spike_times > 5000]).max() < 100
    book.beside(
        [
            ("from burst to burst, s, pump 1.25", 30.0, period(burster)),
            ("from burst to burst, s, pump 2", 20.0, period(strong_pump)),
            ("highest potassium outside, mM", 10.0, _late.max()),
            ("lowest, mM", 7.0, _late.min()),
        ],
        rel=0.06,  # the solver's numbers are quoted to one or two digits
    )
    return


@app.cell(hide_code=True)
def _(burster, plt, strong_pump):
    def draw_bursts():
        picture, axes = plt.subplots(2, 1, figsize=(6.5, 3.8), sharex=True)
        for sim, colour, dash, name in (
            (burster, style.BLUE, "-", "pump 1.25 mM/s"),
            (strong_pump, style.RED, "--", "pump 2 mM/s"),
        ):
            t = sim.t / 1000
            axes[1].plot(t, sim["K_o"], dash, color=colour, label=name)
        axes[0].plot(
            burster.t / 1000, burster.V, color=style.BLUE, linewidth=0.5,
            rasterized=True,
        )
        axes[0].set(ylabel="V (mV)", title="pump 1.25 mM/s")
        axes[1].set(ylabel="potassium\noutside (mM)", xlabel="time (s)", ylim=(3.5, 13))
        axes[1].legend(ncols=2, loc="upper left")
        picture.align_ylabels()
        return picture

    book.figure(
        draw_bursts(),
        alt="Above, bursts of spikes separated by half a minute of silence. Below, "
        "potassium outside climbs from about 7 to 10 mM in each burst and falls "
        "between them; with the stronger pump the cycle is shorter.",
        caption="Bursts at 8 mM of potassium in the surroundings: the pump's strength "
        "sets their rhythm.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## The axon: length and diameter

    An axon may end beside its own soma or go from the spinal cord to the foot, a metre away; in large animals it is two metres and more.
    Its diameter is mostly between 0.2 and 20 µm, and 500 µm and more in the squid.
    Why do diameters differ by so much? Because of speed.

    An axon is a cable whose wall has Hodgkin and Huxley's channels. Let $J(V, m, h, n)$ stand for all currents through the wall:

    $$
    \frac{d}{4 R_i}\,\frac{\partial^2 V}{\partial x^2} = C_m \frac{\partial V}{\partial t} + J
    $$

    Nobody can solve this by hand, but we can say how its solutions depend on $d$.
    Measure distances in a unit that grows with the axon: $x = s\,\sqrt{d / R_i}$. Then $\partial^2/\partial x^2 = (R_i/d)\,\partial^2/\partial s^2$, and

    $$
    \frac14\,\frac{\partial^2 V}{\partial s^2} = C_m \frac{\partial V}{\partial t} + J
    $$

    The diameter is gone, and $R_i$ too. So every axon has the same solution in $s$ and $t$: a spike with one fixed speed $\kappa$ in units of $s$. In centimetres it is

    $$
    v = \kappa\,\sqrt{d / R_i}
    $$

    **Speed grows as the square root of the diameter**: four times as thick is only twice as fast.
    Hodgkin and Huxley computed 18.8 m/s for their squid's axon by hand, and had measured 21.2.
    """)
    return


@app.cell
def _():
    thin_axon = neuro.UnmyelinatedAxon(diameter_um=1, length_um=3000)
    thin_run = thin_axon.run(6)
    thin_speed = neuro.velocity(thin_run)
    return thin_run, thin_speed


@app.cell
def test_speed_grows_as_the_root_of_the_diameter(thin_speed):
    _rows = []
    for d in (0.25, 4.0, 16.0):
        _axon = neuro.UnmyelinatedAxon(diameter_um=d, length_um=3000 * d**0.5)
        _speed = neuro.velocity(_axon.run(6))
        _rows.append((f"{d:g} µm: m/s", thin_speed * d**0.5, _speed, 0.002 * _speed))
    for _R_i in (17.7, 141.6):
        _reach = (35.4 / _R_i) ** 0.5
        _axon = neuro.UnmyelinatedAxon(R_i=_R_i, length_um=3000 * _reach)
        _speed = neuro.velocity(_axon.run(6))
        _rows.append(
            (f"1 µm, inside {_R_i:g} Ω cm: m/s", thin_speed * _reach, _speed,
             0.002 * _speed)
        )
    squid_speed = neuro.velocity(neuro.SquidAxon().run(5))
    _rows.append(("squid, 476 µm: m/s, by hand in 1952", 18.8, squid_speed, 0.2))
    book.beside(_rows)
    return


@app.cell(hide_code=True)
def _(plt, thin_run, thin_speed):
    def draw_travel():
        picture, (left, right) = plt.subplots(
            1, 2, figsize=(6.5, 2.9), width_ratios=(1.1, 1)
        )
        x = thin_run.distance_um / 1000
        mesh = left.pcolormesh(
            thin_run.t[::5], x, thin_run.V[::5].T, cmap="viridis", vmin=-75, vmax=30,
            shading="nearest", rasterized=True,
        )
        picture.colorbar(mesh, ax=left, label="V (mV)")
        left.grid(False)
        left.set(xlabel="time (ms)", ylabel="distance (mm)", title="one spike")
        d = np.geomspace(0.1, 30, 50)
        right.loglog(d, thin_speed * d**0.5)
        right.set(
            xlabel="diameter (µm)", ylabel="speed (m/s)", title="square root",
            xticks=[0.2, 1, 5, 20], xticklabels=["0.2", "1", "5", "20"],
            yticks=[0.3, 1, 3], yticklabels=["0.3", "1", "3"],
        )
        right.minorticks_off()
        return picture

    book.figure(
        draw_travel(),
        alt="Left: time and distance of a spike in an axon of 1 µm and 3 mm; the bright "
        "line of high voltage rises steadily from 0 to 3 mm in about 3.5 ms. Right: "
        "speed against diameter on logarithmic scales, a straight line of slope 1/2.",
        caption="A spike travels at a constant speed along an axon, and its speed "
        "goes with the root of the diameter.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## The hillock

    Where does the spike begin? Not in the dendrites, and usually not in the soma.
    Just behind the hillock, the first tens of micrometres of the axon, the **initial segment**, are packed with sodium channels, and their threshold is the lowest (Mainen et al., 1995; Kole and Stuart, 2012).

    The model has a soma with a passive dendrite on one side, and a segment and an axon on the other.
    Current goes into the dendrite's tip. We ask when $V$ passes $-20\,\mathrm{mV}$ at each place, first with as many sodium channels in the segment as in the soma, then with three and ten times as many.
    Independent simulations had the segment ahead by about 0.06 and 0.10 ms.

    Once begun, the spike goes forward into the axon and back into the soma and the dendrite.
    Its speed in the axon is already known: by $v = \kappa\sqrt{d/R_i}$ from the last part, scaled to this axon's 1 µm and $150\,\Omega\,\mathrm{cm}$.
    """)
    return


@app.cell
def test_the_spike_begins_in_the_segment(thin_speed):
    _rows, _places = [], ["soma", "segment", ("axon", 0.25), ("axon", 0.75),
                          ("dendrite", 0.8)]
    for _sodium, _lead in ((120, None), (360, 0.06), (1200, 0.10)):
        _sim = neuro.BallAndStick(segment_g_Na=_sodium).run(8)
        when = neuro.crossing_times(_sim, _places)
        ahead = when["soma"] - when["segment"]
        if _lead is None:
            assert ahead < 0  # the soma is first
            continue
        _rows.append(
            (f"{_sodium // 120} times the sodium: lead of the segment, ms", _lead,
             ahead, 0.015)
        )
        assert when[("axon", 0.25)] > when["segment"]
        assert when[("dendrite", 0.8)] > when["soma"]
    half = 0.25 / (when[("axon", 0.75)] - when[("axon", 0.25)])  # mm/ms is m/s
    # 3 %: the axon is short, and its ends are near
    _rows.append(
        ("speed in the axon, m/s", thin_speed * (35.4 / 150) ** 0.5, half, 0.015)
    )
    book.beside(_rows)
    return


@app.cell(hide_code=True)
def _(plt):
    def draw_hillock():
        picture, axes = plt.subplots(1, 2, figsize=(6.5, 2.8), sharey=True)
        for ax, sodium, words in zip(
            axes, (120, 1200), ("as many channels", "ten times as many"), strict=True
        ):
            sim = neuro.BallAndStick(segment_g_Na=sodium).run(8)
            begin = neuro.crossing_times(sim, "soma")["soma"]
            for place, colour, dash, name in (
                ("segment", style.RED, "-", "segment"),
                ("soma", style.INK, "--", "soma"),
                (("dendrite", 0.8), style.BLUE, ":", "dendrite"),
            ):
                ax.plot(sim.t - begin, sim.at(place), dash, color=colour, label=name)
            ax.axhline(-20, color="0.8", linewidth=0.8, zorder=0)
            ax.set(xlim=(-0.5, 1.2), xlabel="time (ms)", title=words)
        axes[0].set_ylabel("V (mV)")
        axes[1].legend(loc="upper right", fontsize=8.5)
        return picture

    book.figure(
        draw_hillock(),
        alt="With as many sodium channels in the segment as in the soma, both rise "
        "together and the soma is slightly ahead. With ten times as many, the segment "
        "rises visibly before the soma, and the dendrite follows.",
        caption="Time 0 is when the soma passes -20 mV. With a segment full of "
        "channels, the spike begins in the axon.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Myelin and the nodes of Ranvier

    A bare axon of 20 µm would conduct at 4 m/s: from the spinal cord to the foot in a quarter of a second. Yours is thirty times faster.
    The reason is **myelin**: glia wrap the axon in up to a hundred and more layers of membrane, which hardly let current through.
    In the brain and the spinal cord these are *oligodendrocytes*, in the nerves outside of them *Schwann cells*.
    Every millimetre or so the sheath has a gap of about a micrometre, a **node of Ranvier**, and there the sodium channels are.
    The current of one node runs inside the axon to the next, charges it, and it fires: the spike jumps. This is called **saltation**.

    ### Why speed now grows as the diameter itself

    Let $D$ be the diameter of the fibre with its sheath. In real fibres the axon has about $d = 0.7\,D$, and the distance between nodes is about $L = 100\,D$. A node has a fixed length $\ell$. With a perfect sheath, node $k$ obeys

    $$
    C_n \frac{dV_k}{dt} = G_a\,(V_{k-1} - 2 V_k + V_{k+1}) - I_{ion}(V_k), \qquad G_a = \frac{\pi d^2}{4 R_i L}
    $$

    $C_n = \pi d\,\ell\,C_m$ and all ionic currents of a node grow as its membrane, as $D$. And $G_a \propto D^2 / D = D$ too. So $D$ cancels, and all axons have the same $V_k(t)$: the time $T_n$ from node to node is the same for all.
    The distance between nodes is $100\,D$, so

    $$
    v = \frac{L}{T_n} = \frac{100\,D}{T_n} \propto D
    $$

    (Rushton, 1951). Hursh (1939) measured 6 m/s for each micrometre. The nodes' channels in the simulation are those of the rabbit's nerve (Chiu et al., 1979; Sweeney, Mortimer and Durand, 1987).
    """)
    return


@app.cell
def _():
    fibre = neuro.MyelinatedAxon(D_um=10)  # 41 nodes
    jumping = fibre.run(1.5)
    return fibre, jumping


@app.cell
def test_speed_grows_as_the_diameter(fibre, jumping):
    _rows = []
    for D in (2.0, 20.0):
        _speed = neuro.MyelinatedAxon(D_um=D).run(1.5).velocity_m_s
        # the same steps of the same equations: nothing but rounding is left
        _rows.append(
            (f"{D:g} µm over 10 µm: speed", D / 10, _speed / jumping.velocity_m_s, 1e-5)
        )
    hop = np.diff(jumping.node_times)[15:25].mean()
    _speed = fibre.internode_um / hop * 1e-3
    _rows.append(("10 µm: m/s, from one jump", _speed, jumping.velocity_m_s, 0.1))
    _rows.append(("m/s for each µm, measured by Hursh", 6.0, _speed / 10, 0.3))
    book.beside(_rows)
    return


@app.cell
def _():
    healthy = neuro.MyelinatedAxon(D_um=10).run(3.0)
    damaged = neuro.MyelinatedAxon(D_um=10, bare=[20]).run(3.0)
    _kick = neuro.pulse(4.0, start_ms=0.05, width_ms=0.1)
    collision = neuro.MyelinatedAxon(D_um=10).run(3.0, stimulus={0: _kick, -1: _kick})

    assert np.isfinite(healthy.node_times).all()
    assert np.isfinite(damaged.node_times[:20]).all()
    assert np.isnan(damaged.node_times[21:]).all()  # none of the nodes behind fires
    assert all(len(times) == 1 for times in collision.spike_times)
    assert collision.node_times.argmax() == 20
    return collision, damaged, healthy


@app.cell(hide_code=True)
def _(collision, damaged, healthy, plt):
    def draw_saltation():
        picture, axes = plt.subplots(1, 3, figsize=(6.5, 2.8), sharex=True, sharey=True)
        for ax, sim, words in zip(
            axes,
            (healthy, damaged, collision),
            ("healthy", "one sheath lost", "two that meet"),
            strict=True,
        ):
            nodes = np.arange(len(sim.node_times))
            ax.plot(sim.node_times, nodes, "o", markersize=3)
            ax.set(title=words, xlabel="time (ms)", xlim=(0, 1), ylim=(-1, 41))
        axes[0].set_ylabel("node that fires")
        axes[1].axhspan(20, 21, color=style.ORANGE, alpha=0.4)
        return picture

    book.figure(
        draw_saltation(),
        alt="Three panels of nodes against the time at which they fire. Healthy: a "
        "straight staircase of 41 nodes in 0.7 ms. One sheath lost: it ends just "
        "before it. Two spikes from both ends meet at node 20 and end there.",
        caption="Saltation: the nodes fire one after the other. A spike fails where a "
        "sheath is lost, as can happen in multiple sclerosis; and two spikes that meet "
        "extinguish each other, because each runs into refractory membrane.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### How thick a sheath?

    Within a fibre of fixed $D$, a thicker axon means a thinner sheath. Call $g = d/D$ the **g-ratio**.
    A thick axon conducts better, a thick sheath leaks less: there must be a best $g$.

    Rushton's argument: the sheath is many layers in series, and the resistance of a cylinder of such layers across its wall grows as $\ln(D/d) = \ln(1/g)$. The inside has the resistance $4R_i/(\pi d^2)$ for each unit of length. The square of the length constant is one over the other:

    $$
    \lambda^2 \propto d^2 \ln(1/g) = D^2\, g^2 \ln(1/g)
    $$

    Set the derivative to 0: $2g\ln(1/g) - g = 0$, so $\ln(1/g) = \frac12$ and

    $$
    g = e^{-1/2} \approx 0.61
    $$

    The simulation knows nothing of this argument. Its sheath leaks and stores charge, and it has nodes, which the argument leaves out.
    The same sheath has a best distance between nodes: too near, and the many nodes cost time; too far, and little current arrives.
    """)
    return


@app.cell
def _():
    g_ratios = np.array([0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9])
    spacings = np.array([10, 20, 30, 45, 60, 90, 120, 160])  # in D

    def leaky_speed(**options):
        axon = neuro.MyelinatedAxon(sheath="leaky", n_nodes=21, n_segments=6, **options)
        return axon.run(3.0).velocity_m_s

    by_ratio = np.array([leaky_speed(g_ratio=g) for g in g_ratios])
    by_spacing = np.array([leaky_speed(internode=L) for L in spacings])
    return by_ratio, by_spacing, g_ratios, spacings


@app.cell
def test_the_best_sheath(by_ratio, by_spacing, g_ratios, spacings):
    _k = by_ratio.argmax()
    _curve = np.polyfit(g_ratios[_k - 1 : _k + 2], by_ratio[_k - 1 : _k + 2], 2)
    _best = -_curve[1] / (2 * _curve[0])  # the top of the parabola
    assert 30 <= spacings[by_spacing.argmax()] <= 90
    # 0.07: Rushton's argument has no nodes
    book.beside([("best g-ratio", np.exp(-0.5), _best)], abs=0.07)
    return


@app.cell(hide_code=True)
def _(by_ratio, by_spacing, g_ratios, plt, spacings):
    def draw_best():
        picture, (left, right) = plt.subplots(1, 2, figsize=(6.5, 2.7), sharey=True)
        left.plot(g_ratios, by_ratio, "o-")
        left.axvline(np.exp(-0.5), color="0.5", linestyle="--")
        left.text(0.595, 20.5, "Rushton", color="0.35", ha="right")
        left.set(
            xlabel="g-ratio", ylabel="speed (m/s)", title="thickness of the sheath"
        )
        right.plot(spacings, by_spacing, "o-", color=style.RED)
        right.set(xlabel="distance between nodes (D)", title="spacing of the nodes")
        return picture

    book.figure(
        draw_best(),
        alt="Left: speed against g-ratio, highest between 0.6 and 0.7, close to "
        "Rushton's 0.61. Right: speed against the distance between nodes, highest near "
        "60 diameters.",
        caption="A sheath that leaks has a best thickness and a best spacing of nodes.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The two laws answer an old question. How long does a signal need for two metres?
    In a bare axon of 0.2 µm it is about five seconds, in a myelinated fibre of 20 µm sixteen milliseconds.
    """)
    return


@app.cell
def test_two_metres(jumping, thin_speed):
    slow = 2.0 / (thin_speed * 0.2**0.5)
    fast = 2.0 / (jumping.velocity_m_s * 20 / 10)
    book.beside(
        [
            ("bare, 0.2 µm: s", 5.2, slow),
            ("with myelin, 20 µm: ms", 16.0, fast * 1000),
        ],
        rel=0.02,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Terminals and transmitter

    At the end of the axon the electric signal ends as well.
    The terminal holds **vesicles**, small bags full of a chemical, the **transmitter**.
    A spike lets calcium into the terminal, some vesicles empty themselves into the gap, and the transmitter opens channels in the membrane of the next cell (Katz, 1969).
    Glutamate is the brain's main excitatory transmitter, GABA its main inhibitory one.

    A terminal is no copying machine. It can run out of vesicles, and the calcium of recent spikes can make it more generous.
    Tsodyks and Markram (1997) put the first in a number $x$, the part of the vesicles that is ready; the second came with a number $u$, the part of those that a spike releases (Markram, Wang and Tsodyks, 1998). At a spike

    $$
    u \leftarrow u + U(1 - u), \qquad r = u\,x, \qquad x \leftarrow x - r
    $$

    and between spikes $u$ falls to 0 with $\tau_f$, and $x$ recovers to 1 with $\tau_d$.

    ### Two spikes

    The first spike finds $u = 0$, $x = 1$: it releases $r_1 = U$ and leaves $x = 1 - U$. After a time $\Delta$ there is $x_2 = 1 - U e^{-\Delta/\tau_d}$, and the second spike lifts $u$ from $U e^{-\Delta/\tau_f}$ to $u_2 = U + (1 - U)\,U e^{-\Delta/\tau_f}$. The **paired-pulse ratio** is

    $$
    \frac{r_2}{r_1} = \frac{u_2 x_2}{U} = \big(1 + (1 - U) e^{-\Delta/\tau_f}\big)\big(1 - U e^{-\Delta/\tau_d}\big)
    $$

    Below 1 the synapse **depresses**, above 1 it **facilitates**.

    ### A long train

    Spikes come every $T$ milliseconds. In the end each finds what the last one found. For $u$, the value just after a spike: $u = U + (1 - U)\,u\,e^{-T/\tau_f}$, so

    $$
    u = \frac{U}{1 - (1 - U)e^{-T/\tau_f}}
    $$

    For $x$, just before a spike: it is $x(1 - u)$ just after, and what is missing, $1 - x(1-u)$, shrinks by $e^{-T/\tau_d}$. So $1 - x = \big(1 - x(1 - u)\big)e^{-T/\tau_d}$, which gives

    $$
    x = \frac{1 - e^{-T/\tau_d}}{1 - (1 - u)e^{-T/\tau_d}}
    $$

    At high rates $1 - e^{-T/\tau_d} \approx T/\tau_d$ and $u \to 1$, so the release per second, $r/T$, comes to $1/\tau_d$, whatever the rate: a depressing synapse stops reporting *how fast* the cell fires, and reports *changes* of the rate.
    A facilitating synapse passes a middle band of rates best, near $1/\sqrt{U\tau_f\tau_d}$ (Markram, Wang and Tsodyks, 1998).
    """)
    return


@app.cell
def test_terminals():
    depressing = neuro.TsodyksMarkram(U=0.45, tau_d=750, tau_f=50)
    facilitating = neuro.TsodyksMarkram(U=0.15, tau_d=50, tau_f=750)
    _rows = []
    for _name, one in (("depressing", depressing), ("facilitating", facilitating)):
        first, second = one.release([10, 60])
        _ratio = (1 + (1 - one.U) * np.exp(-50 / one.tau_f)) * (
            1 - one.U * np.exp(-50 / one.tau_d)
        )
        _rows.append((f"{_name}: ratio of a pair 50 ms apart", _ratio, second / first))
        _late = one.release(50.0 * np.arange(1, 100))[-1]  # 20 Hz, the 99th spike
        u = one.U / (1 - (1 - one.U) * np.exp(-50 / one.tau_f))
        kept = np.exp(-50 / one.tau_d)
        _r = u * (1 - kept) / (1 - (1 - u) * kept)
        _rows.append((f"{_name}: release late at 20 Hz", _r, _late))
    _rows = [(*row, 1e-9) for row in _rows]
    train = depressing.release(np.arange(2.0, 20_000, 2.0))  # 500 Hz
    _rows.append(("depressing: release per second at 500 Hz", 1000 / 750,
                  500 * train[-1], 0.01))
    rates = np.arange(2.0, 60.0, 0.5)
    _late = [facilitating.release(1000 / f * np.arange(1, 200))[-1] for f in rates]
    _rows.append(("facilitating: best rate, Hz", 1000 / np.sqrt(0.15 * 750 * 50),
                  rates[np.argmax(_late)], 1.0))
    book.beside(_rows)
    return


@app.cell(hide_code=True)
def _():
    train_rate = mo.ui.slider(
        2, 60, step=2, value=20, label="rate, Hz", show_value=True
    )
    train_rate
    return (train_rate,)


@app.cell(hide_code=True)
def _(plt, train_rate):
    def draw_trains(rate):
        picture, axes = plt.subplots(1, 2, figsize=(6.5, 2.7), sharey=True)
        times = 1000 / rate * np.arange(1, int(0.6 * rate) + 1)
        for ax, name, options, colour in zip(
            axes,
            ("depressing", "facilitating"),
            ((0.45, 750, 50), (0.15, 50, 750)),
            (style.BLUE, style.RED),
            strict=True,
        ):
            sim = neuro.TsodyksMarkram(*options).run(800, stimulus=times)
            ax.plot(sim.t, sim.V, color=colour)
            ax.set(title=name, xlabel="time (ms)", ylim=(0, 1.25))
        axes[0].set_ylabel("potential of the\nnext cell (mV)")
        return picture

    book.live(
        draw_trains,
        train_rate,
        name="rate, Hz",
        at=(4, 16, 50),
        alt="The potential behind a depressing and a facilitating terminal for 0.6 s of "
        "spikes at {value} Hz.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Vesicle by vesicle

    Release is a matter of chance. With $N$ vesicles ready, each released with probability $U$, the number at a first spike is binomial: it fails altogether with probability $(1 - U)^N$, and the released part has the mean $U$ and the variance $U(1 - U)/N$.
    From such failures del Castillo and Katz (1954) concluded that transmitter comes in packets at all.
    """)
    return


@app.cell
def test_release_is_binomial():
    n_trials, N, U = 20_000, 5, 0.45
    chancy = neuro.TsodyksMarkram(U=U, n_vesicles=N)
    released = chancy.release(np.full((n_trials, 1), 10.0), seed=0)[:, 0]
    spread = np.sqrt(U * (1 - U) / N)
    fails = (1 - U) ** N
    book.beside(
        [
            # four standard errors of a mean, and of a frequency
            ("mean of the released part", U, released.mean(),
             4 * spread / np.sqrt(n_trials)),
            ("its variance", spread**2, released.var(), 0.04 * spread**2),
            ("probability of a failure", fails, (released == 0).mean(),
             4 * np.sqrt(fails / n_trials)),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Same cells, different wiring

    What a network does is decided by its cells *and* by who is connected to whom.
    Take one kind of cell, an integrate-and-fire neuron with **adaptation**: each spike adds $b = 15$ pA to an outward current $w$, which decays with $\tau_w = 200$ ms. So it tires.
    Now change nothing but the wiring.

    First a prediction for a cell alone. At the rate $f$ the current $w$ has the mean $b\,f\,\tau_w$, and what is left to drive the cell is $I - b f \tau_w$. The rate must be the one that this drive gives, so it solves

    $$
    f = F(I - b f \tau_w), \qquad F = \text{the formula of the LIF}
    $$

    Then three wirings of two cells with the same drive, and a fourth of three.
    Mutual inhibition with adaptation makes them take turns, a **half-centre**, with which Brown (1911) explained the rhythm of stepping. The same wires without adaptation make a **switch**: one cell fires, the other is silent. Three cells that inhibit each other let only the most strongly driven one fire: **winner takes all**. And two that *excite* each other go on firing after the input has ended: a **memory**.
    Last, eight cells in a **chain**, each exciting the next: one spike runs along it, and each cell fires once.
    """)
    return


@app.cell
def _():
    circuits = {
        name: neuro.Circuit.wiring(name).run()
        for name in ("none", "half_centre", "switch", "winner", "memory", "chain")
    }
    return (circuits,)


@app.cell
def test_wiring_decides(circuits):
    _lif = neuro.LIF(tau_m=20, R_m=100, t_ref=2)  # 200 pF and 10 nS: the same numbers
    low, high = 0.0, _lif.rate_hz(0.300)
    for _ in range(60):  # bisection: F falls as f rises, so they meet once
        f = (low + high) / 2
        below = _lif.rate_hz((300 - 15 * f * 0.2) / 1000) > f
        low, high = (f, high) if below else (low, f)

    free = circuits["none"]
    # 5 %: w is replaced by its mean
    _rows = [("no wires: rate, Hz", f, free.rates(1000).mean(), 0.05 * f)]
    _no_fatigue = neuro.Circuit.wiring("none", b=0).run()
    _rows.append(
        ("no wires, no adaptation: rate, Hz", _lif.rate_hz(0.300),
         _no_fatigue.rates().mean(), 1.0)
    )

    _a, _b = circuits["half_centre"].counts
    assert abs(_a - _b) <= 3 and circuits["half_centre"].correlation()[0, 1] < -0.5
    loser, winner = sorted(circuits["switch"].counts)
    assert loser == 0 and winner > 100
    assert (circuits["winner"].counts[:2] == 0).all()
    assert circuits["winner"].counts[2] > 30
    assert min(circuits["memory"].rates(500)) > 50  # the pulse ended at 12 ms
    assert (circuits["chain"].counts == 1).all()
    hops = np.diff([times[0] for times in circuits["chain"].spike_times])
    assert np.ptp(hops) < 0.11  # two steps of the simulation

    in_turns, for_good = (
        neuro.Circuit.wiring("half_centre", weight=nS).run(2000) for nS in (20, 30)
    )
    assert in_turns.correlation()[0, 1] < -0.5
    assert min(for_good.counts) == 0 < max(for_good.counts)
    book.beside(_rows)
    return


@app.cell(hide_code=True)
def _(circuits, plt):
    def draw_circuits():
        shown = (
            ("none", "no wires", 600),
            ("half_centre", "mutual inhibition: in turns", 600),
            ("switch", "the same, no adaptation: a switch", 600),
            ("winner", "three that inhibit: the strongest wins", 600),
            ("memory", "mutual excitation: a memory", 600),
            ("chain", "a chain: one spike runs along", 60),
        )
        picture, axes = plt.subplots(3, 2, figsize=(6.5, 4.6))
        for ax, (name, words, stop) in zip(axes.ravel(), shown, strict=True):
            trains = circuits[name].spike_times
            colours = [style.COLOURS[i % 6] for i in range(len(trains))]
            ax.eventplot(
                trains, colors=colours, linelengths=0.75, linewidths=1.2,
                lineoffsets=np.arange(1, len(trains) + 1),
            )
            ax.set(xlim=(0, stop), yticks=range(1, len(trains) + 1))
            ax.set_ylim(len(trains) + 0.6, 0.4)
            ax.set_title(words, fontsize=9.5)
            ax.grid(False)
            if len(trains) > 3:
                ax.set_yticks([1, 8])
        for ax in axes[-1]:
            ax.set_xlabel("time (ms)")
        for ax in axes[:, 0]:
            ax.set_ylabel("cell")
        return picture

    book.figure(
        draw_circuits(),
        alt="Six rasters of spikes. Without wires both cells fire throughout; with "
        "mutual inhibition they fire in turns; without adaptation only one fires; of "
        "three cells that inhibit each other only the third fires; with mutual "
        "excitation both go on after a pulse; in a chain of eight each fires once, one "
        "after the other.",
        caption="One kind of cell, six circuits, six actions. A stroke is a spike.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Where does the action change? Move the weight of the two inhibitory synapses.
    Weak ones only slow the two cells down, around 20 nS they fire in turns, and from about 30 nS on one cell silences the other for good, in spite of adaptation.
    """)
    return


@app.cell(hide_code=True)
def _():
    inhibition = mo.ui.slider(
        0, 60, step=5, value=20, label="mutual inhibition, nS", show_value=True
    )
    inhibition
    return (inhibition,)


@app.cell(hide_code=True)
def _(inhibition, plt):
    def draw_pair(weight):
        sim = neuro.Circuit.wiring("half_centre", weight=weight).run(1000)
        picture, axes = plt.subplots(2, 1, figsize=(6.5, 2.9), sharex=True, sharey=True)
        for i, (ax, colour) in enumerate(
            zip(axes, (style.BLUE, style.RED), strict=True)
        ):
            ax.plot(sim.t, sim.V[:, i], color=colour, linewidth=0.9)
            ax.vlines(sim.spike_times[i], -50, 0, color=colour, linewidth=0.9)
            ax.set(ylabel="V (mV)", ylim=(-82, 5))
            ax.set_title(f"cell {i + 1}: {sim.counts[i]} spikes", fontsize=9.5)
        axes[1].set_xlabel("time (ms)")
        return picture

    book.live(
        draw_pair,
        inhibition,
        name="mutual inhibition, nS",
        at=(0, 20, 60),
        alt="The potentials of two cells that inhibit each other with {value} nS, over "
        "a second.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    And many cells: 4,000 integrate-and-fire neurons, four fifths of them excitatory, each connected to a fiftieth of the others at random. Brette et al. (2007) use this network, after one of Vogels and Abbott (2005), to compare simulators.
    Each cell rests at $-49\,\mathrm{mV}$, 1 mV above its threshold, and is reset to $-60\,\mathrm{mV}$. Alone it would fire like a clock, by the formula of the LIF every $5 + 20 \ln \frac{11}{1} = 53$ ms.
    Together, and with no other input, they fire at about a third of that rate, irregularly, each at its own. Excitation and inhibition balance each other, and what is left is chance.
    The single spikes depend on the order of additions. The statistics do not: over many seeds, other simulators found a mean rate of 5 to 7 Hz, intervals that spread by 0.45 to 0.6 of their mean (a clock has 0, chance has 1), and about 15 to 25 % of the cells silent.
    """)
    return


@app.cell
def _():
    crowd = neuro.CUBA(seed=0).run(1000)
    irregular = crowd.cv_isi(100)
    irregular = irregular[np.isfinite(irregular)].mean()
    return crowd, irregular


@app.cell
def test_the_crowd_is_in_the_bands(crowd, irregular):
    alone = neuro.CUBA(n=10, w_e=0, w_i=0, seed=0).run(1000).spike_times[0]
    clock = np.diff(alone)
    assert np.ptp(clock) < 1e-6
    # of a cell alone: within a step, 0.1 ms; then the middle of each band, and half
    # its width
    book.beside(
        [
            ("ms between spikes, alone", 5 + 20 * np.log(11), clock.mean(), 0.1),
            ("mean rate, Hz", 6.0, crowd.rates(100).mean(), 1.0),
            ("spread of the intervals over their mean", 0.525, irregular, 0.075),
            (
                "part of the cells that are silent",
                0.2,
                crowd.silent_fraction(100),
                0.05,
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _(crowd, plt):
    def draw_crowd():
        picture, ax = plt.subplots(figsize=(6.5, 2.8))
        times, cells = crowd.spikes
        some = cells % 10 == 0
        ax.plot(times[some], cells[some], ".", markersize=2.5, color=style.INK)
        ax.axhline(3200, color=style.RED, linewidth=1)
        ax.text(605, 3600, "inhibit", color=style.RED, va="center")
        ax.text(605, 1600, "excite", color=style.BLUE, va="center")
        ax.set(xlabel="time (ms)", ylabel="cell", xlim=(100, 600), ylim=(0, 4000))
        ax.grid(False)
        return picture

    book.figure(
        draw_crowd(),
        alt="A cloud of dots, one for each spike of every tenth cell, without visible "
        "order in time.",
        caption="Half a second of 4,000 cells that hear nothing but each other. "
        "Every tenth cell is drawn.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## What is corrected from popular accounts

    Many introductions to neural networks begin with a page on biology, and some sentences on it are handed down from one to the next. Here are eight, with what you have seen instead.

    | what is often said | what is so | shown in |
    | --- | --- | --- |
    | The pump depolarises the neuron and so fires it. | Channels do. The pump's current is outward: it works against depolarisation, and maintains the gradients. | the pump, and below |
    | The pump's charge makes the resting potential. | Diffusion through potassium channels does; the pump's own charge adds a few millivolts (Thomas, 1972). | the soma, the pump, and below |
    | A spike exchanges the ions of the cell. | It moves about one in a hundred of the sodium ions of a thin cell, fewer in a thick one. | below |
    | The threshold is -55 mV. | It depends on the stimulus. A slow ramp has none. | threshold |
    | A stronger stimulus makes a larger spike. | It makes *more* spikes. What arrives at the other end of the axon has the same height. | below |
    | The soma adds up all inputs, and fires. | Dendrites saturate and shunt, and the spike begins in the axon's initial segment. | excitation and inhibition, hillock |
    | Myelin is the Schwann cell. | In the nerves of arms and legs; in the brain and the spinal cord oligodendrocytes make it. | myelin |
    | The brain has more than 100 billion neurons, and ten times as many glia. | About 86 billion neurons, and at most about as many glia. | the first part |

    The first three and the fifth deserve numbers. Everything that charges the membrane between the foot of a spike and its peak must add up to the charge on it:

    $$
    C_m\,(V_{peak} - V_{foot}) = \int (-I_{Na} - I_K - I_L - I_{pump})\,dt
    $$

    where $I_{pump}$ is what the pump carries beyond its current at rest.
    """)
    return


@app.cell
def test_who_lifts_the_potential():
    _patch = neuro.PumpedHodgkinHuxley()
    _sim = _patch.run(
        20, dt_ms=0.005, stimulus=neuro.pulse(20, start_ms=5, width_ms=0.5)
    )
    top = int(_sim.V.argmax())
    _foot = round(5.5 / 0.005)  # the pulse has ended: from here on it lifts itself

    def brought(current):
        """Charge that a current brings in from the foot to the top, nC/cm²."""
        part = current[_foot : top + 1]
        return -float((part[1:] + part[:-1]).sum() / 2 * 0.005)

    charges = {name: brought(_sim[name]) for name in ("I_Na", "I_K", "I_L")}
    charges["I_pump"] = brought(_sim["I_pump"] - _patch.p_rest)
    outward = brought(_sim["I_pump"])
    assert charges["I_Na"] > 90 and outward < 0
    assert abs(charges["I_pump"]) < 0.001 * charges["I_Na"]

    _cell = neuro.HodgkinHuxley()
    _axon = neuro.MyelinatedAxon(D_um=10)
    _weak, strong = (
        _axon.run(1.5, stimulus=neuro.pulse(nA, 0.05, 0.1)).V[:, 20].max()
        for nA in (2, 8)
    )
    fewer, more = (
        len(_cell.run(300, stimulus=neuro.step(size)).spike_times) for size in (10, 40)
    )
    assert more > 1.4 * fewer
    _quiet = neuro.PumpedHodgkinHuxley(electrogenic=False)
    stopped = _quiet.run(1000, dt_ms=0.025, pump_activity=0, record_ms=1)
    share = (_sim["Na_i"].max() - _patch.Na_i) / _patch.Na_i
    assert share < 0.02
    _net = 1.0 * (_sim.V[top] - _sim.V[_foot])
    book.beside(
        [
            ("charge of the upstroke, nC/cm²", _net, sum(charges.values()),
             0.01 * _net),
            ("spike after 2 nA and after 8 nA, 20 nodes on: mV above rest", _weak,
             strong, 0.1),
            ("V one second after the pump stopped, mV", _patch.V_rest, stopped.V[-1],
             1.0),
        ]
    )
    return charges, outward, share


@app.cell(hide_code=True)
def _(charges, outward, share):
    book.table(
        ["what one spike moves", "amount"],
        [
            ["from foot to peak, in through sodium channels, nC/cm²", charges["I_Na"]],
            ["through potassium channels, nC/cm²", charges["I_K"]],
            ["through the leak, nC/cm²", charges["I_L"]],
            ["by the pump, in all: outward, nC/cm²", outward],
            ["sodium inside grows, in the whole spike, by the part", share],
        ],
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    An honest limit: the models of this chapter are small. The squid's membrane is not that of your cortex, dendrites here are passive though real ones have channels too, and the glia are one term in an equation.
    They are enough to show which sentence is true, not to simulate a brain.

    The artificial neuron of the next chapters keeps the weighted sum, the threshold and the idea that learning changes weights. It leaves out time, refractoriness, adaptation, dendrites, the pump and the chance in the synapse. Chapter 2 takes stock.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Exercises
    """)
    return


@app.cell(hide_code=True)
def _():
    exercise_1 = book.exercise("1.1")
    exercise_1
    return (exercise_1,)


@app.cell(hide_code=True)
def _(exercise_1):
    book.judged("1.1", exercise_1)
    return


@app.cell(hide_code=True)
def _():
    exercise_2 = book.exercise("1.2")
    exercise_2
    return (exercise_2,)


@app.cell(hide_code=True)
def _(exercise_2):
    book.judged("1.2", exercise_2)
    return


@app.cell(hide_code=True)
def _():
    exercise_3 = book.exercise("1.3")
    exercise_3
    return (exercise_3,)


@app.cell(hide_code=True)
def _(exercise_3):
    book.judged("1.3", exercise_3)
    return


@app.cell(hide_code=True)
def _():
    exercise_4 = book.exercise("1.4")
    exercise_4
    return (exercise_4,)


@app.cell(hide_code=True)
def _(exercise_4):
    book.judged("1.4", exercise_4)
    return


@app.cell(hide_code=True)
def _():
    exercise_5 = book.exercise("1.5")
    exercise_5
    return (exercise_5,)


@app.cell(hide_code=True)
def _(exercise_5):
    book.judged("1.5", exercise_5)
    return


@app.cell(hide_code=True)
def _():
    exercise_6 = book.exercise("1.6")
    exercise_6
    return (exercise_6,)


@app.cell(hide_code=True)
def _(exercise_6):
    book.judged("1.6", exercise_6)
    return


@app.cell(hide_code=True)
def _():
    exercise_7 = book.exercise("1.7")
    exercise_7
    return (exercise_7,)


@app.cell(hide_code=True)
def _(exercise_7):
    book.judged("1.7", exercise_7)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Solutions
    """)
    return


@app.cell(hide_code=True)
def _():
    book.solutions(1)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Ten questions
    """)
    return


@app.cell(hide_code=True)
def _():
    answers = book.quiz(1)
    answers
    return (answers,)


@app.cell(hide_code=True)
def _(answers):
    book.marked(1, answers)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Sources

    - H. Alle, A. Roth and J. Geiger, *Energy-efficient action potentials in hippocampal mossy fibers*, Science 325, 2009: spikes with little more than the least sodium.
    - D. Attwell and S. Laughlin, *An energy budget for signaling in the grey matter of the brain*, Journal of Cerebral Blood Flow and Metabolism 21, 2001: what signals cost.
    - F. Azevedo et al., *Equal numbers of neuronal and nonneuronal cells make the human brain an isometrically scaled-up primate brain*, Journal of Comparative Neurology 513, 2009: 86 billion neurons, 85 billion other cells.
    - E. Barreto and J. Cressman, *Ion concentration dynamics as a mechanism for neuronal bursting*, Journal of Biological Physics 37, 2011: the neuron whose ions are counted.
    - R. Brette et al., *Simulation of networks of spiking neurons: a review of tools and strategies*, Journal of Computational Neuroscience 23, 2007: the networks by which simulators are compared.
    - T. G. Brown, *The intrinsic factors in the act of progression in the mammal*, Proceedings of the Royal Society B 84, 1911: the half-centre.
    - N. Campbell, *The study of discontinuous phenomena*, Proceedings of the Cambridge Philosophical Society 15, 1909: mean and variance of random pulses.
    - J. del Castillo and B. Katz, *Quantal components of the end-plate potential*, Journal of Physiology 124, 1954: packets of transmitter.
    - S. Chiu et al., *A quantitative description of membrane currents in rabbit myelinated nerve*, Journal of Physiology 292, 1979, and J. Sweeney, J. Mortimer and D. Durand, *Modeling of mammalian myelinated nerve for functional neuromuscular stimulation*, IEEE Engineering in Medicine and Biology Conference, 1987: the channels of the nodes.
    - M. Forrest et al., *The sodium-potassium pump controls the intrinsic firing of the cerebellar Purkinje neuron*, PLoS ONE 7, 2012: a pump that sets what a neuron does.
    - D. Goldman, *Potential, impedance, and rectification in membranes*, Journal of General Physiology 27, 1943: rest with several ions.
    - K. Harris and S. Kater, *Dendritic spines: cellular specializations imparting both stability and flexibility to synaptic function*, Annual Review of Neuroscience 17, 1994: where excitatory synapses sit.
    - A. Hodgkin and A. Huxley, *A quantitative description of membrane current and its application to conduction and excitation in nerve*, Journal of Physiology 117, 1952: the action potential.
    - A. Hodgkin and B. Katz, *The effect of sodium ions on the electrical activity of the giant axon of the squid*, Journal of Physiology 108, 1949: rest with several ions.
    - J. Hursh, *Conduction velocity and diameter of nerve fibers*, American Journal of Physiology 127, 1939: 6 m/s for each micrometre.
    - B. Katz, *The Release of Neural Transmitter Substances*, Liverpool University Press, 1969: vesicles and calcium.
    - M. Kole and G. Stuart, *Signal processing in the axon initial segment*, Neuron 73, 2012: where spikes begin.
    - L. Lapicque, *Recherches quantitatives sur l'excitation électrique des nerfs traitée comme une polarisation*, Journal de Physiologie et de Pathologie Générale 9, 1907: strength and duration.
    - Y.-X. Li, R. Bertram and J. Rinzel, *Modeling N-methyl-D-aspartate-induced bursting in dopamine neurons*, Neuroscience 71, 1996: bursts that a pump ends.
    - Z. Mainen, J. Joerges, J. Huguenard and T. Sejnowski, *A model of spike initiation in neocortical pyramidal neurons*, Neuron 15, 1995: where spikes begin.
    - H. Markram, Y. Wang and M. Tsodyks, *Differential signaling via the same axon of neocortical pyramidal neurons*, PNAS 95, 1998: the second number, and synapses that facilitate.
    - M. Megías et al., *Total number and distribution of inhibitory and excitatory synapses on hippocampal CA1 pyramidal cells*, Neuroscience 102, 2001: how many synapses.
    - R. Napper and R. Harvey, *Number of parallel fiber synapses on an individual Purkinje cell in the cerebellum of the rat*, Journal of Comparative Neurology 274, 1988: how many synapses.
    - W. Nernst, *Zur Kinetik der in Lösung befindlichen Körper*, Zeitschrift für physikalische Chemie 2, 1888: the potential of an ion.
    - R. Orkand, J. Nicholls and S. Kuffler, *Effect of nerve impulses on the membrane potential of glial cells in the central nervous system of amphibia*, Journal of Neurophysiology 29, 1966: glia and potassium.
    - R. Post and P. Jolly, *The linkage of sodium, potassium, and ammonium active transport across the human erythrocyte membrane*, Biochimica et Biophysica Acta 25, 1957: three ions out, two in.
    - W. Rall, *Branching dendritic trees and motoneuron membrane resistivity*, Experimental Neurology 1, 1959: cables and trees.
    - W. Rall, *Theoretical significance of dendritic trees for neuronal input-output relations*, in *Neural Theory and Modeling*, Stanford University Press, 1964: the order of inputs.
    - W. Rushton, *A theory of the effects of fibre size in medullated nerve*, Journal of Physiology 115, 1951: why fibres with myelin are as fast as they are thick.
    - J. Skou, *The influence of some cations on an adenosine triphosphatase from peripheral nerves*, Biochimica et Biophysica Acta 23, 1957: the pump.
    - R. Thomas, *Electrogenic sodium pump in nerve and muscle cells*, Physiological Reviews 52, 1972: the pump's current.
    - M. Tsodyks and H. Markram, *The neural code between neocortical pyramidal neurons depends on neurotransmitter release probability*, PNAS 94, 1997: terminals that depress.
    - T. Vogels and L. Abbott, *Signal propagation and logic gating in networks of integrate-and-fire neurons*, Journal of Neuroscience 25, 2005: random networks that keep themselves going.
    - R. Yuste, *Dendritic Spines*, MIT Press, 2010: what spines are for.
    - A. Zylbertal, Y. Yarom and S. Wagner, *The slow dynamics of intracellular sodium concentration increase the time window of neuronal integration: a simulation study*, Frontiers in Computational Neuroscience 11, 2017: sodium as a memory.
    """)
    return


if __name__ == "__main__":
    app.run()
