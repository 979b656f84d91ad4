"""The shape of the package: what is public, what imports what, what is loaded when."""

import ast
import subprocess
import sys

import pytest
from conftest import ROOT

import tension

ROOMS = [
    ["errors"], ["memory"], ["progress"], ["outputs"],
    ["resources"], ["ontology"], ["records"], ["tally"], ["rejects"], ["text"], ["readers"], ["actors"], ["sources"], ["relations"],
    ["coding"], ["road"], ["workers"], ["scorer"], ["oneshot"], ["series"], ["store"], ["update"], ["report"], ["files"], ["doctor"],
    ["cli"],
]  # fmt: skip
PUBLIC = {
    "__version__", "read", "embed", "classify", "score", "aggregate", "smooth", "changes", "compare", "explain", "plot", "Scorer",
    "RelationModel", "Gazetteer", "Store", "TensionError",
}  # fmt: skip


def test_public_names_are_exactly_these():
    assert set(tension.__all__) == PUBLIC
    assert all(getattr(tension, name) is not None for name in PUBLIC)


def test_unknown_name_raises_attribute_error():
    with pytest.raises(AttributeError, match="aggregat1"):
        _ = tension.aggregat1


def _imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("tension."):
            yield node.module.split(".")[1]


@pytest.mark.parametrize("path", sorted((ROOT / "tension").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_room_imports_only_rooms_above_it(path):
    order = {name: i for i, group in enumerate(ROOMS) for name in group}
    parts = path.relative_to(ROOT / "tension").with_suffix("").parts
    if parts == ("__init__",):
        return
    assert parts[0] in order, f"{parts[0]} is not in the list of rooms"
    below = [name for name in _imports(path) if order[name] > order[parts[0]]]
    assert not below


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import tension", {"torch", "transformers", "matplotlib", "pandas", "sklearn"}),
        ("import tension; tension.read", {"torch", "transformers", "matplotlib", "trafilatura"}),
        ("import tension; tension.Scorer()", {"torch", "transformers", "matplotlib"}),
        (
            "import tension; tension.score('Japan condemned China.')",
            {"transformers", "matplotlib", "sklearn", "onnx", "onnxruntime", "openvino"},
        ),
        ("from tension.series.aggregate import aggregate", {"torch", "transformers", "matplotlib"}),
    ],
)
def test_heavy_modules_are_loaded_only_where_needed(statement, unwanted):
    code = f"{statement}; import sys; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not unwanted & set(loaded)


def test_no_function_is_longer_than_60_lines():
    long = []
    for path in (ROOT / "tension").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                if body and body[-1].end_lineno - body[0].lineno > 60:
                    long.append(f"{path.name}:{node.name}")
    assert not long
