from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_ci import resources
from mlops_ci.diagnostics import has_errors
from mlops_ci.errors import UsageError
from mlops_ci.manifest import load, yaml_tree
from mlops_ci.manifest.release import dump
from mlops_ci.model import Release
from mlops_ci.testing.trees import MemoryTree
from tests.manifest.trees_of_cases import GOLDEN, files_of, schemas

SCHEMAS = schemas()
BASE = files_of(GOLDEN / "base")
MODEL = "pipelines/m/model.yaml"
CANDIDATE = "pipelines/m/candidates/one.yaml"


def copied(name: str) -> dict[str, bytes]:
    """Return the base model's files under another model's name."""
    return {
        path.replace("pipelines/m/", f"pipelines/{name}/"): content.replace(b"name: m\n", f"name: {name}\n".encode())
        for path, content in BASE.items()
        if path.startswith("pipelines/")
    }


def several(*names: str) -> dict[str, bytes]:
    files = {"mlops-ci.yaml": BASE["mlops-ci.yaml"]}
    for name in names:
        files |= copied(name)
    return files


def test_models_are_sorted_by_name_and_none_selected_means_all() -> None:
    loaded = load(MemoryTree(several("pear", "apple", "plum")), SCHEMAS)

    assert [model.name for model in loaded.models] == ["apple", "pear", "plum"]
    assert loaded.diagnostics == ()


@pytest.mark.parametrize(
    ("select", "names"),
    [
        (("apple",), ["apple"]),
        (("p*",), ["pear", "plum"]),
        (("plum", "apple", "plum"), ["apple", "plum"]),
        (("?????",), ["apple"]),
    ],
)
def test_names_and_globs_select_models(select: tuple[str, ...], names: list[str]) -> None:
    loaded = load(MemoryTree(several("pear", "apple", "plum")), SCHEMAS, select=select)

    assert [model.name for model in loaded.models] == names


def test_a_selected_name_that_matches_nothing_is_a_usage_error_with_the_nearest_name() -> None:
    with pytest.raises(UsageError) as caught:
        load(MemoryTree(several("apple", "plum")), SCHEMAS, select=("appel",))

    assert caught.value.summary == "there is no model `appel`"
    assert caught.value.hint == "did you mean `apple`?"


def test_problems_of_models_that_are_not_selected_are_not_told() -> None:
    files = several("apple", "plum") | {"pipelines/plum/model.yaml": b"["}

    assert load(MemoryTree(files), SCHEMAS, select=("apple",)).diagnostics == ()


def test_a_wrong_model_is_left_out_and_the_others_are_there() -> None:
    files = several("apple", "plum") | {"pipelines/plum/candidates/one.yaml": b"["}

    loaded = load(MemoryTree(files), SCHEMAS)

    assert [model.name for model in loaded.models] == ["apple"]
    assert has_errors(loaded.diagnostics)


def test_a_warning_leaves_the_model_in() -> None:
    files = BASE | {CANDIDATE: BASE[CANDIDATE] + b"sources: [src/train/**, none/**]\n"}

    loaded = load(MemoryTree(files), SCHEMAS)

    assert [model.name for model in loaded.models] == ["m"]
    assert [problem.code for problem in loaded.diagnostics] == ["empty-glob"]


def test_a_wrong_project_leaves_no_models_and_still_tells_what_is_wrong_with_them() -> None:
    files = BASE | {"mlops-ci.yaml": b"format: 1\ntarget: none\n", CANDIDATE: b"["}

    loaded = load(MemoryTree(files), SCHEMAS)

    assert loaded.models == ()
    assert {problem.code for problem in loaded.diagnostics} == {"unknown-target", "yaml-syntax"}


def test_the_release_of_a_model_whose_manifest_is_gone_is_still_told() -> None:
    release = Release(versions=((1, "ab"),))
    files = several("apple") | {"pipelines/gone/release.yaml": dump(release)}

    loaded = load(MemoryTree(files), SCHEMAS)

    assert loaded.releases == (("gone", release),)
    assert loaded.diagnostics == ()
    assert loaded.release("gone") == release
    assert loaded.release("apple") == Release()


def test_a_folder_without_manifests_is_no_model() -> None:
    files = BASE | {"pipelines/shared/README.md": b"", "pipelines/project.yaml": b"format: 1\n"}

    assert [model.name for model in load(MemoryTree(files), SCHEMAS).models] == ["m"]


def test_a_misspelt_key_hides_no_other_problem_of_its_file() -> None:
    files = BASE | {CANDIDATE: b"format: 1\nscirpt: src/train/none.py\nresources: {max_wait: 5, spott: true}\n"}

    found = load(MemoryTree(files), SCHEMAS).diagnostics

    assert [(problem.code, problem.span.line) for problem in found] == [
        ("unknown-key", 2),
        ("missing-file", 2),
        ("max-wait-short", 3),
        ("unknown-key", 3),
    ]


def test_what_is_found_out_later_can_be_told_at_its_place() -> None:
    document = load(MemoryTree(BASE), SCHEMAS).document(CANDIDATE)

    assert document is not None
    problem = document.problem("cannot-run", document.value("framework"), "`sklearn` is not installed")
    assert str(problem.span) == f"{CANDIDATE}:2:12"
    assert problem.excerpt == "framework: sklearn"


def test_data_that_git_ignores_is_found_by_reading_it() -> None:
    class Ignoring(MemoryTree):
        def blobs(self, prefix: str) -> tuple[tuple[str, str], ...]:
            return tuple(found for found in MemoryTree.blobs(self, prefix) if not found[0].endswith(".csv"))

    loaded = load(Ignoring(BASE | {MODEL: BASE[MODEL].replace(b"label: left", b"label: gone")}), SCHEMAS)

    assert [problem.code for problem in loaded.diagnostics] == ["unknown-column"]


@pytest.mark.parametrize(
    ("path", "codes", "models"),
    [(CANDIDATE, ["missing-file"], []), (MODEL, ["missing-file"], []), ("pipelines/m/release.yaml", [], ["m"])],
)
def test_a_file_that_is_listed_and_not_there_is_told_and_a_release_is_none(
    path: str, codes: list[str], models: list[str]
) -> None:
    class Losing(MemoryTree):
        def read(self, at: str, limit: int | None = None) -> bytes:
            if at == path:
                raise FileNotFoundError(at)
            return MemoryTree.read(self, at, limit)

    loaded = load(Losing(BASE | {path: b"format: 1\n"}), SCHEMAS)

    assert [problem.code for problem in loaded.diagnostics] == codes
    assert [model.name for model in loaded.models] == models
    assert loaded.releases == ()


def test_loading_twice_gives_equal_and_hashable_models() -> None:
    one, other = load(MemoryTree(BASE), SCHEMAS), load(MemoryTree(dict(reversed(BASE.items()))), SCHEMAS)

    assert one.models == other.models
    assert hash(one.models) == hash(other.models)


def test_comments_order_and_style_of_a_file_change_no_model() -> None:
    text = BASE[MODEL].decode()
    head, tail = text.split("serving:")
    restyled = "# a comment\nserving:" + tail + head.replace("[recall, log_loss]", "\n    - recall\n    - log_loss")

    assert load(MemoryTree(BASE | {MODEL: restyled.encode()}), SCHEMAS).models == load(MemoryTree(BASE), SCHEMAS).models


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(BASE)), st.data())
def test_no_damage_to_any_file_raises(path: str, draws: st.DataObject) -> None:
    content = BASE[path]
    start = draws.draw(st.integers(0, len(content)))
    stop = draws.draw(st.integers(start, min(len(content), start + 12)))
    put = draws.draw(
        st.binary(max_size=4) | st.sampled_from([b": ", b"\n", b"[", b"{}", b"null", b"- ", b'"', b"#", b"0", b"&a *a"])
    )
    damaged = BASE | {path: content[:start] + put + content[stop:]}

    loaded = load(MemoryTree(damaged), SCHEMAS)

    assert bool(loaded.models) or has_errors(loaded.diagnostics) or path == "mlops-ci.yaml"


values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-9, 9)
    | st.sampled_from(["", "a", "../x", "*"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "a", "path", "x y"]), inner),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_value_at_any_key_is_told_or_loads(draws: st.DataObject) -> None:
    path = draws.draw(st.sampled_from(["mlops-ci.yaml", MODEL, CANDIDATE]))
    kind = {"mlops-ci.yaml": "project", MODEL: "model", CANDIDATE: "candidate"}[path]
    properties = SCHEMAS[kind]["properties"]
    key = draws.draw(st.sampled_from(sorted(properties)))
    value = draws.draw(values)
    inner = properties[key].get("properties")
    if inner and draws.draw(st.booleans()):
        value = {draws.draw(st.sampled_from(sorted(inner))): value}
    document, _ = yaml_tree.read(path, BASE[path])
    assert document is not None
    assert isinstance(document.data, dict)
    whole = {**document.data, key: value}
    content = json.dumps(whole).encode()

    loaded = load(MemoryTree(BASE | {path: content}), SCHEMAS)

    assert [model.name for model in loaded.models] == ["m"] or loaded.diagnostics


def test_the_examples_are_silent() -> None:
    folder = resources.folder("pipelines")
    example = {f"pipelines/{path}": content for path, content in files_of(folder).items()}
    example["mlops-ci.yaml"] = (Path(folder) / "project.yaml").read_bytes()

    loaded = load(MemoryTree(example), SCHEMAS)

    assert loaded.diagnostics == ()
    assert [model.name for model in loaded.models] == ["churn", "diamonds", "digits"]
    churn = next(model for model in loaded.models if model.name == "churn")
    assert [candidate.name for candidate in churn.candidates] == ["boosting", "forest", "linear", "xgboost"]
    assert [environment.name for environment in churn.environments] == ["staging", "production"]
    assert dict(churn.candidates[0].hyperparameters) == {"learning_rate": 0.1, "max_iter": 150}
