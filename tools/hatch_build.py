"""What goes into the wheel beside the package: the chapters, and the picture on the handouts' cover."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Chapters(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files by pattern: what JupyterLab leaves beside the chapters stays out.

        An editable install gets none of them: it uses those of the checkout, and a copy would grow old.
        """
        if version != "standard":
            return
        root, files = Path(self.root), build_data["force_include"]
        for chapter in sorted((root / "notebooks").glob("[0-9][0-9]-*.ipynb")):
            files[str(chapter)] = f"acrlab/chapters/{chapter.name}"
        files[str(root / "docs" / "picture.svg")] = "acrlab/handouts/picture.svg"
