"""Settings: what is taken, and that a wrong value stops the start with its name and what is expected."""

import stat
from pathlib import Path

import pytest

from kit import config
from kit.config import WrongSetting, read


@pytest.fixture
def told(tmp_path):
    """Read settings from these names alone, in a folder of the test's own."""

    def tell(**names: str) -> config.Settings:
        dotenv = names.pop("dotenv", "")
        (tmp_path / ".env").write_text(dotenv)
        return read({"ALMONER_VAR": str(tmp_path / "var"), **names}, tmp_path / ".env")

    return tell


def test_with_nothing_said_it_serves_this_computer_with_its_own_database(told, tmp_path):
    settings = told()
    assert settings.base_url == "http://localhost:8000"
    assert settings.database_url.startswith("postgresql:///almoner?host=")
    assert settings.database_url.endswith("user=almoner_app")
    assert settings.database_owner_url.endswith("user=almoner_owner")
    assert not settings.demo
    assert settings.stripe_secret_key is None


def test_the_secret_key_is_made_once_and_kept_for_us_alone(told, tmp_path):
    first, again = told(), told()
    kept = tmp_path / "var" / "secret_key"
    assert first.secret_key == again.secret_key
    assert len(first.secret_key) >= 32
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_the_environment_wins_over_the_file(told):
    assert told(dotenv="PORT=9000").port == 9000
    assert told(dotenv="PORT=9000", PORT="9001").port == 9001


def test_every_secret_may_lie_in_a_file(told, tmp_path):
    key, webhook = tmp_path / "key", tmp_path / "webhook"
    key.write_text("sk_test_from_a_file\n")
    webhook.write_text("whsec_from_a_file\n")
    settings = told(STRIPE_SECRET_KEY_FILE=str(key), STRIPE_WEBHOOK_SECRET_FILE=str(webhook))
    assert settings.stripe_secret_key == "sk_test_from_a_file"
    assert settings.stripe_webhook_secret == "whsec_from_a_file"


DATABASE = {
    "DATABASE_URL": "postgresql://app@db/almoner",
    "DATABASE_OWNER_URL": "postgresql://owner@db/almoner",
}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("PORT", {"PORT": "eighty"}),
        ("PORT", {"PORT": "0"}),
        ("PORT", {"PORT": "65536"}),
        ("PORT", {"PORT": "٨٠٨٠"}),
        ("BASE_URL", {"BASE_URL": "example.org"}),
        ("BASE_URL", {"BASE_URL": "https://example.org/almoner"}),
        ("BASE_URL", {"BASE_URL": "https://example.org:notaport"}),
        ("BASE_URL", {"BASE_URL": "http://example.org"}),
        ("BASE_URL", {"BASE_URL": "http://localhost:8000", "HOST": "0.0.0.0"}),
        ("HOST", {"HOST": "0.0.0.0"}),
        ("HOST", {"HOST": "192.168.1.2"}),
        ("SECRET_KEY", {"SECRET_KEY": "short"}),
        ("SECRET_KEY", {"SECRET_KEY": "x" * 40, "SECRET_KEY_FILE": "/also"}),
        ("SECRET_KEY_FILE", {"SECRET_KEY_FILE": "/nowhere/at/all"}),
        ("DATABASE_OWNER_URL", {"DATABASE_URL": "postgresql://app@db/almoner"}),
        ("DATABASE_URL", {"DATABASE_OWNER_URL": "postgresql://app@db/almoner"}),
        ("DATABASE_URL", {**DATABASE, "DATABASE_URL": "mysql://db/almoner"}),
        ("DATABASE_OWNER_URL", {**DATABASE, "DATABASE_OWNER_URL": DATABASE["DATABASE_URL"]}),
        ("TRUSTED_PROXIES", {"TRUSTED_PROXIES": "10.0.0.1, proxy.local"}),
        ("GIVING_TRIES", {"GIVING_TRIES": "0"}),
        ("GIVING_TRIES", {"GIVING_TRIES": "many"}),
        ("GIVING_TRIES", {"GIVING_TRIES": "1001"}),
        ("SMTP_URL", {"SMTP_URL": "mail.example.org", "MAIL_FROM": "us@example.org"}),
        ("MAIL_FROM", {"SMTP_URL": "smtp://mail.example.org"}),
        ("MAIL_FROM", {"MAIL_FROM": "Us <us@example.org>"}),
        ("STRIPE_SECRET_KEY", {"STRIPE_SECRET_KEY": "pk_live_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"}),
        ("STRIPE_WEBHOOK_SECRET", {"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_WEBHOOK_SECRET": "secret"}),
        ("STRIPE_WEBHOOK_SECRET", {"STRIPE_SECRET_KEY": "sk_live_1"}),
        ("STRIPE_SECRET_KEY", {"STRIPE_WEBHOOK_SECRET": "whsec_1"}),
        ("ALMONER_DEMO", {"ALMONER_DEMO": "1"}),
        ("ALMONER_DEMO", {"ALMONER_DEMO": "yes"}),
        ("BASE_URL", {"BASE_URL": "https://example.org#top"}),
        ("BASE_URL", {"BASE_URL": "https://example.org?"}),
        ("SMTP_URL", {"SMTP_URL": "smtp://mail.example.org:abc", "MAIL_FROM": "us@example.org"}),
        ("DATABASE_URL", {**DATABASE, "DATABASE_URL": "postgresql://app@db:nope/almoner"}),
        ("DATABASE_URL", {**DATABASE, "DATABASE_URL": "postgresql://db/almoner"}),
        ("STRIPE_SECRET_KEY_FILE", {"STRIPE_SECRET_KEY_FILE": "/dev/null"}),
    ],
)
def test_a_wrong_value_stops_the_start_with_its_name(told, name, said):
    with pytest.raises(WrongSetting) as refused:
        told(**said)
    assert refused.value.name == name
    assert str(refused.value).startswith(name)


def test_a_refusal_never_says_the_secret(told):
    with pytest.raises(WrongSetting) as refused:
        told(STRIPE_SECRET_KEY="pk_live_very_secret", STRIPE_WEBHOOK_SECRET="whsec_1")
    assert "very_secret" not in str(refused.value)


def test_behind_a_proxy_with_https_any_host_will_do(told):
    settings = told(HOST="0.0.0.0", BASE_URL="https://give.example.org/", TRUSTED_PROXIES="10.0.0.0/8, ::1")
    assert settings.base_url == "https://give.example.org"
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "::1", "[::1]", "almoner.localhost"])
def test_loopback_has_many_names(host):
    assert config.is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "example.org", "localhost.example.org", "10.0.0.1", ""])
def test_and_these_are_not_among_them(host):
    assert not config.is_loopback(host)


def test_only_a_folder_that_was_begun_as_a_demo_has_pretend_money(told, tmp_path):
    (tmp_path / "var").mkdir()
    config.keep_demo(tmp_path / "var", config.new_demo(8001, 8002))
    settings = told()
    assert settings.demo
    assert settings.stripe_api_base == "http://127.0.0.1:8001"
    assert stat.S_IMODE((tmp_path / "var" / "demo.json").stat().st_mode) == 0o600
    with pytest.raises(WrongSetting, match="DATABASE_URL"):
        told(**DATABASE)
    with pytest.raises(WrongSetting, match="HOST"):
        told(HOST="0.0.0.0", BASE_URL="https://example.org")
    for name, value in REAL.items():
        with pytest.raises(WrongSetting, match=f"^{name} cannot be used with a demo"):
            told(**{name: value})
    assert told(BASE_URL="http://127.0.0.1:9000").base_url == "http://127.0.0.1:9000"


REAL = {
    "BASE_URL": "https://crm.example.org",
    "STRIPE_SECRET_KEY": "sk_live_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
    "SMTP_URL": "smtp://mail.example.org",
}


@pytest.mark.parametrize("name", REAL)
def test_a_wrong_setting_stops_a_demo_before_it_begins(told, tmp_path, name):
    (tmp_path / ".env").touch()
    with pytest.raises(WrongSetting, match=f"^{name}"):
        read(
            {"ALMONER_VAR": str(tmp_path / "var"), name: REAL[name]},
            tmp_path / ".env",
            begun=config.new_demo(0, 0),
        )


@pytest.mark.parametrize(("file", "name"), [("demo.json", "ALMONER_VAR"), ("secret_key", "SECRET_KEY")])
def test_what_was_cut_short_is_not_taken_for_whole(told, tmp_path, file, name):
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / file).write_text("{")
    with pytest.raises(WrongSetting) as refused:
        told()
    assert refused.value.name == name and file in str(refused.value)


def test_a_file_of_settings_that_is_no_text_is_said(told, tmp_path):
    (tmp_path / ".env").write_bytes(b"MAIL_FROM=\xff\xfe")
    with pytest.raises(WrongSetting, match=r"\.env cannot be read"):
        read({"ALMONER_VAR": str(tmp_path / "var")}, tmp_path / ".env")


@pytest.mark.parametrize(
    ("url", "role"),
    [
        ("postgresql://app@db/almoner", "app"),
        ("postgresql://my%20app:p%40ss@db:5432/almoner", "my app"),
        ("postgresql://app:p@one:5432,two:5433/almoner", "app"),
        ("postgresql:///almoner?host=/run/postgresql&user=app", "app"),
        ("postgresql://db/almoner", None),
    ],
)
def test_the_role_of_an_address(url, role):
    assert config.role_of(url) == role
    if role:
        owner = {"DATABASE_OWNER_URL": "postgresql://owner@db/almoner"}
        assert (
            read({"DATABASE_URL": url, "SECRET_KEY": "x" * 32, **owner}, Path("/nowhere")).database_url == url
        )


def test_a_demos_ports_are_numbers_too(told):
    demo = config.new_demo(0, 0)
    assert config.demo_ports(config.Said({}, Path("/nowhere")), demo, 8000) == (8001, 8002)
    for name in ("STANDIN_PORT", "MAILBOX_SMTP_PORT"):
        with pytest.raises(WrongSetting, match=name):
            config.demo_ports(config.Said({name: "abc"}, Path("/nowhere")), demo, 8000)


def test_a_real_installation_talks_to_stripe_alone(told):
    settings = told(
        STRIPE_SECRET_KEY="sk_live_1", STRIPE_WEBHOOK_SECRET="whsec_1", STRIPE_API_BASE="http://127.0.0.1:1"
    )
    assert settings.stripe_api_base is None


def test_a_demo_begins_only_where_nothing_has_begun(tmp_path):
    def may(**names: str) -> bool:
        return config.may_become_demo(config.Said({"ALMONER_VAR": str(tmp_path), **names}, Path("/nowhere")))

    assert may()
    assert not may(**DATABASE)
    assert not may(ALMONER_DEMO="0")
    config.stay_real(tmp_path)
    assert not may()
    assert not may(ALMONER_DEMO="1")


def test_every_setting_is_explained_in_the_example():
    source = "".join((config.ROOT / "kit" / name).read_text() for name in ("config.py", "said.py"))
    example = (config.ROOT / ".env.example").read_text()
    asked = set(__import__("re").findall(r'said(?:\.secret)?\("([A-Z_]+)"\)|said, "([A-Z_]+)"', source))
    asked = {name for pair in asked for name in pair if name}
    assert "STANDIN_PORT" in asked
    assert asked
    assert [name for name in sorted(asked) if f"{name}=" not in example] == []
