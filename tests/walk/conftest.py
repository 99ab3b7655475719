"""A demo for each file of walks, and a browser on its pages for each walk."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.demo.browsing import chromium
from tests.walk.walking import Demo, Look, Walk, a_demo, a_walk


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`vakhta demo`, ready, ended as Ctrl+C ends it."""
    with a_demo(tmp_path_factory.mktemp("demo")) as demo:
        demo.wait_until_ready("uk")
        yield demo
        assert demo.running.stop() < 5


@pytest.fixture
async def walk(demo: Demo) -> AsyncIterator[Walk]:
    """A visitor who reads Ukrainian."""
    async with chromium() as browser, a_walk(browser, demo, Look(), Walk) as walk:
        yield walk
