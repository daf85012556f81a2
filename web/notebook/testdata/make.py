"""Writes jupyter.ipynb with nbformat (recorded with 5.11.1): the bytes that Write must reproduce."""

import pathlib

import nbformat
from nbformat import v4

nb = v4.new_notebook(
    metadata={
        "kernelspec": {"display_name": "Lathe (Go)", "language": "go", "name": "lathe"},
        "language_info": {"name": "go"},
        "zz": {"float": 1e-05, "big": 1.5e300, "u": "ä\u2603", "ctl": "\x1b[0m\x7f", "html": "<b>&"},
    }
)
outputs = [
    v4.new_output("stream", name="stdout", text="0\n1\r2\r\nü\x0bz\n"),
    v4.new_output("stream", name="stderr", text=""),
    v4.new_output(
        "display_data",
        data={
            "text/plain": "a\nb",
            "text/html": "<p>\nx</p>",
            "image/png": "iVBORw0KGgo=\n",
            "application/json": {"a": [1, 2.5, None, True], "e": {}, "l": []},
            "image/svg+xml": "<svg>\n</svg>",
        },
        metadata={"image/png": {"width": 10}},
    ),
    v4.new_output("execute_result", execution_count=3, data={"text/plain": "3"}),
    v4.new_output(
        "error", ename="panic", evalue="index", traceback=["\x1b[31mpanic\x1b[0m", "line 2\nx"]
    ),
]
markdown = "# Title\n\nText with $x^2$ and ünïcode\n"
code = "for i := range 3 {\n\tfmt.Println(i)\n}"
nb.cells = [
    v4.new_markdown_cell(markdown, attachments={"a.png": {"image/png": "aGk="}}),
    v4.new_code_cell(
        code, execution_count=3, metadata={"tags": ["x"], "collapsed": False}, outputs=outputs
    ),
    v4.new_code_cell(""),
    v4.new_raw_cell("raw\n"),
]
for i, cell in enumerate(nb.cells):
    cell["id"] = f"cell-{i}"
nbformat.validate(nb)
nbformat.write(nb, pathlib.Path(__file__).with_name("jupyter.ipynb"))
