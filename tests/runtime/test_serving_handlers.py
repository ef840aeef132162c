from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from mlops_ci.runtime.handlers import Handler
from mlops_ci.runtime.media import Refused
from mlops_ci.runtime.package import Damaged, PackageFolder, read, sha256, verify, write

SUM = SimpleNamespace(predict=lambda rows: np.asarray(rows, dtype=float).sum(axis=1))


def a_handler(model: object = SUM, features: tuple[str, ...] = ("a", "b"), **functions: object) -> Handler:
    script = ModuleType("inference")
    vars(script).update(functions)
    return Handler(PackageFolder(Path(), "d", "inference.py", features, ()), script, model)


def npy(array: np.ndarray) -> bytes:
    made = io.BytesIO()
    np.save(made, array)
    return made.getvalue()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"1,2\n3,4", "text/csv"),
        (b"[[1, 2], [3, 4]]", "application/json"),
        (b'[{"b": 2, "a": 1}, {"a": 3, "b": 4}]', "application/json"),
        (b'{"b": 2, "a": 1}\n{"a": 3, "b": 4}', "application/jsonlines"),
        (npy(np.array([[1, 2], [3, 4]])), "application/x-npy"),
    ],
)
def test_without_functions_of_the_user_every_input_means_the_same_rows(body: bytes, content_type: str) -> None:
    assert a_handler().invoke(body, content_type, "") == (b"[3.0, 7.0]", "application/json")


@pytest.mark.parametrize(
    ("accept", "answer"),
    [
        ("", b"[3.0]"),
        ("*/*", b"[3.0]"),
        ("application/jsonlines", b"3.0\n"),
        ("text/csv", b"3.0\n"),
        ("application/x-npy", npy(np.array([3.0]))),
    ],
)
def test_without_an_output_fn_the_answer_is_what_was_accepted(accept: str, answer: bytes) -> None:
    assert a_handler().invoke(b"1,2", "text/csv", accept)[0] == answer


def test_rows_with_words_reach_the_model_as_strings() -> None:
    model = SimpleNamespace(predict=lambda rows: rows)
    assert a_handler(model).invoke(b"KS,2", "text/csv", "")[0] == b'[["KS", "2"]]'


def test_each_function_of_the_user_does_its_part_with_the_media_types_alone() -> None:
    handler = a_handler(
        2.0,
        input_fn=lambda data, content_type: (content_type, float(data)),
        predict_fn=lambda data, model: (data[0], data[1] * model),
        output_fn=lambda prediction, accept: f"{accept}: {prediction}",
    )
    body, kind = handler.invoke(b"21", "text/plain; charset=utf-8", "text/html")
    assert (body, kind) == (b"text/html: ('text/plain', 42.0)", "text/html")


def test_a_type_only_the_user_s_input_fn_knows_arrives_as_bytes() -> None:
    handler = a_handler(input_fn=lambda data, content_type: len(data), predict_fn=lambda data, model: data)
    assert handler.invoke(b"\xff\xd8\xff", "image/jpeg", "")[0] == b"3"


def test_transform_fn_does_it_all_and_may_name_its_content_type() -> None:
    handler = a_handler("m", transform_fn=lambda model, data, content_type, accept: (f"{model}{data}", "text/plain"))
    assert handler.invoke(b"1,2", "text/csv", "") == (b"m1,2", "text/plain")


def test_a_model_that_is_a_function_is_called() -> None:
    assert a_handler(len).invoke(b"1,2\n3,4", "text/csv", "")[0] == b"2"


@pytest.mark.parametrize(("content_type", "accept", "status"), [("image/png", "", 415), ("text/csv", "image/png", 406)])
def test_types_that_nobody_knows_are_refused(content_type: str, accept: str, status: int) -> None:
    with pytest.raises(Refused) as caught:
        a_handler().invoke(b"1,2", content_type, accept)
    assert caught.value.status == status


def test_an_answer_that_is_no_text_is_the_user_s_fault() -> None:
    with pytest.raises(TypeError, match="str or bytes"):
        a_handler(output_fn=lambda prediction, accept: 42).invoke(b"1,2", "text/csv", "")


def test_nan_is_never_sent_as_json() -> None:
    with pytest.raises(ValueError, match="JSON"):
        a_handler(SimpleNamespace(predict=lambda rows: [float("nan")])).invoke(b"1,2", "text/csv", "")


def a_folder(root: Path, code: str) -> Path:
    (root / "model/code").mkdir(parents=True)
    (root / "model/model.json").write_text("2")
    (root / "model/code/inference.py").write_text(code)
    (root / "model/code/near.py").write_text("NAME = 'near'\n")
    files = {str(f.relative_to(root)): (f.stat().st_size, sha256(f)) for f in root.rglob("*") if f.is_file()}
    write(root, digest="d", entry="inference.py", features=("a",), environment=(("FLAVOUR", "sweet"),), files=files)
    return root


LOAD = """
import sys
from pathlib import Path
from mlops_ci.runtime.handlers import load
handler = load(Path(sys.argv[1]))
print(handler.invoke(b"21", "text/csv", "")[0].decode())
"""


def loaded(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-c", LOAD, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_loaded_script_imports_from_its_folder_works_there_and_has_its_environment(tmp_path: Path) -> None:
    code = (
        "import json, os, near\nfrom pathlib import Path\n"
        "def model_fn(model_dir):\n"
        "    assert model_dir == os.environ['SM_MODEL_DIR']\n"
        "    return float(Path(model_dir, 'model.json').read_text())\n"
        "def predict_fn(rows, model):\n"
        "    return [near.NAME, os.environ['FLAVOUR'], sorted(os.listdir()), float(rows[0][0]) * model]\n"
    )
    done = loaded(a_folder(tmp_path, code))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["near", "sweet", ["inference.py", "near.py"], 42]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("x = 1", "has no function model_fn"),
        ("def model_fn(d): ...\ndef transform_fn(*a): ...\ndef predict_fn(*a): ...", "it is one or the other"),
    ],
)
def test_a_script_without_the_contract_s_functions_is_named(tmp_path: Path, code: str, words: str) -> None:
    assert words in loaded(a_folder(tmp_path, code)).stderr


def test_numpy_is_not_imported_where_the_user_s_code_does_all(tmp_path: Path) -> None:
    code = (
        "import sys\ndef model_fn(d): return 1\n"
        "def transform_fn(model, data, content_type, accept): return str('numpy' in sys.modules)\n"
    )
    assert loaded(a_folder(tmp_path, code)).stdout == "False\n"


@pytest.mark.parametrize("change", ["changed", "shortened", "removed", "listing"])
def test_a_package_that_is_not_what_was_unpacked_is_damaged(tmp_path: Path, change: str) -> None:
    root = a_folder(tmp_path, "x = 1\n")
    verify(root)
    script = root / "model/code/inference.py"
    match change:
        case "changed":
            script.write_text("x = 2\n")
        case "shortened":
            script.write_text("x")
        case "removed":
            script.unlink()
        case _:
            (root / "files.json").write_text("{")
    with pytest.raises(Damaged):
        verify(root)


def test_files_that_came_later_do_not_matter(tmp_path: Path) -> None:
    root = a_folder(tmp_path, "x = 1\n")
    (root / "model/cache.bin").write_text("warm")
    verify(root)
    assert read(root).features == ("a",)
