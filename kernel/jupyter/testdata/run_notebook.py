"""Runs a notebook with nbclient and checks that every cell ran and that the result is valid."""
import pathlib
import sys

import nbformat
from nbclient import NotebookClient

book = nbformat.read(sys.argv[1], as_version=4)
folder = {"metadata": {"path": str(pathlib.Path(sys.argv[1]).parent)}}
NotebookClient(book, kernel_name="lathe", timeout=300, resources=folder).execute()
nbformat.validate(book)
for cell in book.cells:
    if cell.cell_type == "code" and cell.source.strip() and not cell.execution_count:
        sys.exit(f"a cell did not run: {cell.source[:60]}")
