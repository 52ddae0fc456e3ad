"""A browser for the tests that look at pages."""

import shutil

import pytest


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Debian's chromium without a screen, which keeps a log of its network."""
    selenium = pytest.importorskip("selenium.webdriver")
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not program or not driver:
        pytest.skip("needs Debian's chromium and chromium-driver")
    options = selenium.ChromeOptions()
    options.binary_location = program
    for flag in (
        "headless=new no-sandbox disable-gpu disable-quic no-first-run "
        "disable-background-networking disable-component-update disable-sync "
        f"disable-dev-shm-usage user-data-dir={tmp_path_factory.mktemp('profile')}"
    ).split():
        options.add_argument(f"--{flag}")
    options.set_capability(
        "goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"}
    )
    service = selenium.ChromeService(driver)
    one = selenium.Chrome(options=options, service=service)
    yield one
    one.quit()
