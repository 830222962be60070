"""Writes reference.md and troubleshooting.md from the code that they describe.

Run: python docs/make_reference.py

A test fails where the files do not say what the code says. Only the syntax trees are read, so no Blender is needed.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from chiaro.nodes.pass_sockets import PASS_SOCKETS

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
SHOWN_PARTS = ("runtime", "nodes", "addon")
NOT_IN_BLENDER = ("runtime/command", "addon/demonstration", "addon/build_extension.py", "addon/measure_")

ADVICE = {
    "No head was found": "The head may be turned away, covered, smaller than 14 pixels, or cut off by the frame. "
    "Switch *Head Box* on and draw the square by hand, or key it over the shot; set *If Absent* to *Show the Plate* "
    "for a person who walks out of the frame.",
    "degrees away from the camera": "The network was trained on faces up to 60° from the camera. Cut the shot there "
    "with *Mix*, or hide those frames behind the plate.",
    "has no Relight node": "Press *Relight Plate*: it makes one and wires it.",
    "has no world": "Press *Relight Plate* again with *World: Neutral*, or add a world in the world properties.",
    "Nothing lights the person": "The two switches *World* and *Lamps* on the node are what light the person.",
    "working space is": "Blender 5 can work in ACEScg or Rec.2020; the node computes in Linear Rec.709.",
    "which Relight cannot read": "Set the plate's colour space to the one its file was written in. Log footage (LogC, "
    "S-Log) has to be converted to ACEScg or linear EXR first.",
    "a perspective camera is expected": "Both the plate's camera and the scene's need one.",
    "inside it": "The camera of a close-up went through the face; keep it outside.",
    "is not the one this frame was encoded with": "The focal length changed after the analysis; analyse again.",
    "not saved yet": "Files that belong to a shot go beside its .blend, so it needs a place first.",
    "Blender kept evaluating": "*Render → Lock Interface* keeps renders and the interface from getting into each "
    "other's way; the node switches it on by itself.",
    "damaged or from another version": "A download that broke off, or a file that was edited.",
    "joins": "Wire the plate to Relight first, and grade or comp after it.",
    "names no parts": "The weights were replaced by others that know no parts.",
}
"""A part of a sentence in the code → what else helps. A test checks that each part is in a sentence."""


FAILING_FUNCTIONS = frozenset({"_fail", "fail_node"})
"""They put a sentence on the node without an error being raised."""


NOTED_IN = (
    "runtime/cache.py",
    "runtime/locate.py",
    "runtime/remarks.py",
    "nodes/evaluate.py",
    "nodes/shot_status.py",
    "addon/analyse/queue.py",
    "addon/analyse/worker_process.py",
    "addon/cache_overview.py",
)
"""Files that tell an artist more than errors."""

SHORTEST_NOTE = 5
"""Words; "Relit." needs no explanation."""


def sources() -> list[Path]:
    """The files whose errors an artist can meet."""
    files = (path for part in SHOWN_PARTS for path in sorted((ROOT / part).rglob("*.py")))
    return [path for path in files if not path.relative_to(ROOT).as_posix().startswith(NOT_IN_BLENDER)]


def error_classes() -> dict[str, str]:
    """Error class → what its docstring says, in the order of runtime/errors.py."""
    tree = ast.parse((ROOT / "runtime" / "errors.py").read_text(encoding="utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return {node.name: (ast.get_docstring(node) or "").rstrip(".") for node in classes if node.name != "ChiaroError"}


def text_of(node: ast.expr) -> str | None:
    """A message as text, with … for what is filled in; None where it is made elsewhere."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = text_of(node.left), text_of(node.right)
        return None if left is None or right is None else left + right
    return None


def sentences() -> dict[str, list[str]]:
    """Error class → the sentences it is raised with, each once, sorted."""
    known = error_classes()
    found: dict[str, set[str]] = defaultdict(set)
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            name = "SceneError" if node.func.id in FAILING_FUNCTIONS else node.func.id
            texts = [text_of(argument) for argument in node.args] if name in known else []
            found[name].update(" ".join(text.split()) for text in texts if text)
    return {name: sorted(found[name], key=str.lower) for name in known if found[name]}


def notes() -> list[str]:
    """Sentences that are no errors of a frame: what the node remarks, and what the analysis and the cache say."""
    raised = {sentence for sentences_of_class in sentences().values() for sentence in sentences_of_class}
    found = {text for path in NOTED_IN for text in _sentences_in(ast.parse((ROOT / path).read_text(encoding="utf-8")))}
    return sorted(found - raised, key=str.lower)


def _sentences_in(node: ast.AST) -> Iterator[str]:
    """Whole sentences among a file's texts; not those that describe the code."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        text = text_of(child) if isinstance(child, ast.expr) else None
        if text is None:
            yield from _sentences_in(child)
        elif text.endswith((".", ": …")) and len(text.split()) >= SHORTEST_NOTE:
            yield " ".join(text.split())


def troubleshooting() -> str:
    """The page of errors."""
    lines = [
        "# Troubleshooting",
        "",
        "Every sentence that the node and the operators can answer with, written from the code by",
        "`python docs/make_reference.py`; … stands for a name or a number. Look for the words you see. A frame that",
        "fails is magenta in all passes and never stops a render; the sentence is on the node and on the console.",
        "",
        "## No sentence, but not what you expected",
        "",
        "- **The person is too bright or too dark**: the light has another exposure than the plate. *Strength* is a",
        "  factor; *World from Plate Light* tells what the plate's own light was.",
        "- **The plate looks grey or flat**: the scene's view transform grades a picture that is finished. Choose",
        "  *Standard* in the render properties, under Colour Management; *Relight Plate* does that for sRGB plates.",
        "- **The background changed too**: a node between the plate and the output does that. The Relight node leaves",
        "  everything outside its matte as it was, bit for bit, when the scene's camera is the plate's.",
        "- **Something of the background is relit with the person**: the estimated matte is wrong there. Wire one of",
        "  your own to *Matte*.",
        "- **Only the person is there**: the scene's camera is another one than *Plate Camera*; put a background under",
        "  it.",
        "- **Nothing changes when a lamp moves**: *Lamps* is off, the lamp is not in *Lamps in*, or it is switched off",
        "  in the node's list of lamps.",
        "- **The picture is coarse for a moment**: *Quality: Preview* shows a smaller one while you drag. Renders are",
        "  final.",
        "- **The first look at a frame takes long**: it is analysed then. *Analyse* does a whole shot ahead.",
        "- **Blender 5.2 crashes when a loaded pass goes straight into a File Output**: a bug of Blender with layers",
        "  of the one channel A (*Matte*); put any node in between. *Output All Passes* wires the Relight node's own",
        "  outputs, which are safe.",
        "",
    ]
    for name, raised in sentences().items():
        lines += [f"## {error_classes()[name]}", ""]
        for sentence in raised:
            lines.append(f"- {escaped(sentence)}")
            lines += [f"  - {advice}" for part, advice in ADVICE.items() if part in sentence]
        lines.append("")
    lines += ["## Said beside a frame that is not magenta, by the analysis, and by the cache", ""]
    lines += [f"- {escaped(sentence)}" for sentence in notes()]
    return "\n".join(lines).rstrip() + "\n"


def escaped(text: str) -> str:
    """Text that Markdown leaves alone."""
    for character in ("*", "_", "<", "#"):
        text = text.replace(character, "\\" + character)
    return text


def property_rows(path: Path, dictionary: ast.expr) -> Iterator[tuple[str, str]]:
    """Name and description of the Blender properties in a dictionary literal."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = {
        target.id: statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    if not isinstance(dictionary, ast.Dict):
        return
    for value in dictionary.values:
        if not isinstance(value, ast.Call):
            continue
        words = {keyword.arg: keyword.value for keyword in value.keywords}
        name, description = (text_of(words[key]) if key in words else None for key in ("name", "description"))
        if not name or not description or "HIDDEN" in ast.dump(words.get("options", ast.Constant(""))):
            continue
        items = words.get("items")
        items = constants.get(items.id) if isinstance(items, ast.Name) else items
        yield name, description + _choices(items)


def _choices(items: ast.expr | None) -> str:
    if not isinstance(items, ast.Tuple):
        return ""
    texts = [[text_of(part) or "" for part in item.elts] for item in items.elts if isinstance(item, ast.Tuple)]
    return ". " + "; ".join(f"*{entry[1]}*: {entry[2]}" for entry in texts)


def _dictionary(path: Path, name: str) -> ast.expr:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == name and node.value is not None:
            return node.value
    raise LookupError(f"{path} has no {name}")


def input_rows() -> list[tuple[str, str]]:
    """The node's inputs, from where the inner tree describes them."""
    tree = ast.parse((ROOT / "nodes" / "inner_tree.py").read_text(encoding="utf-8"))
    described = {
        node.targets[0].value.id: text_of(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Attribute)
        and node.targets[0].attr == "description"
        and isinstance(node.targets[0].value, ast.Name)
    }
    return [(name, described[name.lower()] or "") for name in ("Image", "Mix", "Matte")]


def operators() -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Title, description and settings of each operator of the shot."""
    for path in sorted((ROOT / "addon").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ClassDef):
                continue
            words = {
                statement.targets[0].id: statement.value
                for statement in node.body
                if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
            }
            identifier = text_of(words["bl_idname"]) if "bl_idname" in words else None
            if identifier is None or not identifier.startswith("chiaro.") or "bl_description" not in words:
                continue
            if "INTERNAL" in ast.dump(words.get("bl_options", ast.Constant(""))):
                continue
            rows = list(property_rows(path, words["__annotations__"])) if "__annotations__" in words else []
            yield text_of(words["bl_label"]) or "", text_of(words["bl_description"]) or "", rows


def table(rows: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> list[str]:
    """Markdown."""
    return ["| name | what it does |", "|---|---|", *(f"| {name} | {text} |" for name, text in rows), ""]


def reference() -> str:
    """The page of sockets, settings and operators."""
    settings = ROOT / "nodes" / "node_settings.py"
    lines = [
        "# Reference",
        "",
        "Every socket and setting, in the words of its tooltip; written from the code by",
        "`python docs/make_reference.py`.",
        "",
        "## The Relight node: inputs",
        "",
        *table(input_rows()),
        "## The Relight node: outputs",
        "",
        "Only outputs that are wired are computed. Values, units and axes: [conventions](conventions.md).",
        "",
        *table([(socket.name, socket.description) for socket in PASS_SOCKETS]),
        "## The Relight node: settings",
        "",
        *table(property_rows(settings, _dictionary(settings, "NODE_PROPERTIES"))),
        "## Operators",
        "",
        "In the compositor's *Relight* menu and sidebar, and in the search (F3).",
        "",
    ]
    for title, description, rows in sorted(operators()):
        lines += [f"### {title}", "", f"{description}.", ""]
        lines += table(rows) if rows else []
    preferences = ROOT / "addon" / "preferences.py"
    lines += ["## Preferences", ""]
    lines += table(property_rows(preferences, _dictionary(preferences, "PREFERENCE_PROPERTIES")))
    return "\n".join(lines).rstrip() + "\n"


PAGES = {"reference.md": reference, "troubleshooting.md": troubleshooting}


def main() -> None:
    """Write the pages."""
    for name, write in PAGES.items():
        (DOCS / name).write_text(write(), encoding="utf-8")


if __name__ == "__main__":
    main()
