import itertools
from pathlib import Path

import pytest

from streams.app import advertised
from streams.errors import SettingsError
from streams.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def no_settings_around(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in os.environ:
        if name.startswith("MILEPOST_") or name in {"KAFKA_BOOTSTRAP", "CLICKHOUSE_DSN"}:
            monkeypatch.delenv(name)


def refusal(file: Path | None = None) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        load_settings(file)
    return str(refused.value).splitlines()


def test_without_any_setting_the_defaults_stand() -> None:
    assert load_settings().events_topic == "product.events"


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings.yml"
    file.write_text("app_id: from-file\nevents_topic: from-file\n")
    monkeypatch.setenv("MILEPOST_APP_ID", "from-env")
    settings = load_settings(file)
    assert (settings.app_id, settings.events_topic) == ("from-env", "from-file")


def test_an_argument_wins_over_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_DEFINITIONS", "env.yml")
    assert load_settings(definitions=Path("mine.yml")).definitions == Path("mine.yml")
    assert load_settings(definitions=None).definitions == Path("env.yml")


@pytest.mark.parametrize(
    ("name", "text"), [("s.yml", "commit_records: 7"), ("s.toml", "commit_records = 7")]
)
def test_the_file_is_yaml_or_toml(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert load_settings(tmp_path / name).commit_records == 7


def test_the_file_can_be_named_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "s.yml").write_text("app_id: named")
    monkeypatch.setenv("MILEPOST_CONFIG", str(tmp_path / "s.yml"))
    assert load_settings().app_id == "named"


@pytest.mark.parametrize("name", ["KAFKA_BOOTSTRAP", "MILEPOST_BOOTSTRAP"])
def test_the_brokers_are_read_from_either_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "kafka:9094")
    assert load_settings().connection().bootstrap == "kafka:9094"


def test_everything_wrong_is_said_at_once_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "s.yml"
    file.write_text("event_topic: x\ncommit_records: many\n")
    monkeypatch.setenv("MILEPOST_PARTITIONS", "0")
    monkeypatch.setenv("MILEPOST_STOR", "rocksdb")
    lines = refusal(file)
    assert f"{file}: there is no setting event_topic, did you mean events_topic?" in lines
    assert "environment: there is no setting stor, did you mean store?" in lines
    assert any(line.startswith(f"{file}: commit_records: ") for line in lines)
    assert any(line.startswith("environment: MILEPOST_PARTITIONS: ") for line in lines)
    assert len(lines) == 4


def test_a_login_needs_name_and_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_SECURITY_PROTOCOL", "SASL_SSL")
    assert [line.split(":")[1].strip() for line in refusal()] == [
        "sasl_username",
        "sasl_password",
    ]


def test_a_certificate_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_SSL_CAFILE", "/nowhere/ca.pem")
    assert refusal() == ["settings: ssl_cafile: there is no file /nowhere/ca.pem"]


def test_a_file_that_is_no_certificate_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    monkeypatch.setenv("MILEPOST_SECURITY_PROTOCOL", "SSL")
    monkeypatch.setenv("MILEPOST_SSL_CAFILE", str(tmp_path / "ca.pem"))
    settings = load_settings()
    with pytest.raises(SettingsError, match="ssl_cafile"):
        settings.connection()


def test_a_key_that_somebody_could_guess_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MILEPOST_AUDIT_KEY", "hunter2hunter2")
    assert refusal() == ["settings: audit_key: shorter than 16 characters"]
    monkeypatch.setenv("MILEPOST_AUDIT_KEY", "hunter2hunter2hu")
    assert load_settings().audit_key.get_secret_value() == "hunter2hunter2hu"
    monkeypatch.setenv("MILEPOST_AUDIT_KEY", "")
    assert load_settings().audit_key.get_secret_value() == ""


def test_topics_must_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_ACTIVITY_TOPIC", "plg.qualifications")
    assert "five different topics" in refusal()[0]


@pytest.mark.parametrize("text", ["[1, 2]", "a: [", "\x00"])
def test_a_file_that_is_no_mapping_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "s.yml").write_text(text)
    assert str(tmp_path / "s.yml") in refusal(tmp_path / "s.yml")[0]


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(tmp_path / "none.yml")[0]


def test_secrets_are_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_SECURITY_PROTOCOL", "SASL_SSL")
    monkeypatch.setenv("MILEPOST_SASL_USERNAME", "ann")
    monkeypatch.setenv("MILEPOST_SASL_PASSWORD", "hunter2")
    monkeypatch.setenv("CLICKHOUSE_DSN", "clickhouse://ann:hunter2@ch/x")
    monkeypatch.setenv("MILEPOST_AUDIT_KEY", "hunter2-and-more-of-it")
    settings = load_settings()
    assert "hunter2" not in repr(settings) + str(settings) + repr(settings.connection())
    assert settings.connection().options()["sasl_plain_password"] == "hunter2"
    monkeypatch.setenv("MILEPOST_SASL_PASSWORD", "")
    monkeypatch.setenv("MILEPOST_PARTITIONS", "hunter2")
    assert "hunter2" not in "".join(refusal())


def test_every_setting_says_what_it_is() -> None:
    import ast
    import inspect

    tree = ast.parse(inspect.getsource(Settings))
    body = tree.body[0].body  # type: ignore[attr-defined]
    documented = {
        field.target.id
        for field, text in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }
    assert documented == set(Settings.model_fields)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({"http_host": "10.0.0.7"}, "10.0.0.7:9000"),
        ({"http_host": "fe80::1"}, "[fe80::1]:9000"),
        ({"http_advertise": "worker-1"}, "worker-1:9000"),
        ({"http_advertise": "node.example:31234"}, "node.example:31234"),
        ({"http_advertise": "[fe80::1]"}, "[fe80::1]:9000"),
        ({"http_advertise": "[fe80::1]:80"}, "[fe80::1]:80"),
        ({"bootstrap": "127.0.0.1:9092,kafka.invalid:9092"}, "127.0.0.1:9000"),
    ],
)
def test_where_a_worker_is_reached_from_other_machines(given: dict[str, str], address: str) -> None:
    assert advertised(Settings(**given), 9000) == address


@pytest.mark.parametrize("wrong", ["http://worker", "worker:", "a b", "worker:80/x", ""])
def test_an_address_that_is_none_is_refused(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_HTTP_ADVERTISE", wrong)
    assert refusal()[0].startswith("environment: MILEPOST_HTTP_ADVERTISE: ")
