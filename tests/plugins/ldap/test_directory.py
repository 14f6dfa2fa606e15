"""Search-then-bind against a real slapd: who gets in, who does not, and what is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.problems import ProblemError
from plugins.auth_ldap.directory import authenticate, health
from portal.api import Identity
from tests.plugins.ldap.conftest import Configure
from tests.plugins.ldap.server import BASE, PASSWORD, PEOPLE, Directory, free_port

pytestmark = pytest.mark.ldap


def test_name_and_password_give_the_person(configure: Configure) -> None:
    found = authenticate(configure(), "anna", PASSWORD)
    assert found == Identity("anna", "安娜", "anna@example.com")


def test_a_person_without_mail_comes_without(configure: Configure) -> None:
    assert authenticate(configure(), "bert", "secret of bert") == Identity("bert", "Bert", "")


@pytest.mark.parametrize("typed", ["ANNA", " anna ", "ａｎｎａ"])
def test_the_directory_says_how_the_name_is_spelt(configure: Configure, typed: str) -> None:
    found = authenticate(configure(), typed, PASSWORD)
    assert found is not None and found.name == "anna"


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("anna", "wrong"),
        ("anna", "secret of bert"),
        ("nobody", PASSWORD),
        ("locked", PASSWORD),
        ("", PASSWORD),
    ],
)
def test_what_does_not_belong_together_is_refused(
    configure: Configure, name: str, password: str
) -> None:
    assert authenticate(configure(), name, password) is None


@pytest.mark.parametrize("password", ["", "\u00ad", "\0", " "])
def test_what_comes_to_no_password_is_refused(configure: Configure, password: str) -> None:
    # This slapd lets a bind without password succeed; a soft hyphen is nothing after SASLprep.
    assert authenticate(configure(), "anna", password) is None


@pytest.mark.parametrize(
    "name", ["*", "an*", "anna)(uid=*", "anna)(|(uid=*", "\\61nna", "a\0", "(anna)", "安娜"]
)
def test_a_name_is_never_part_of_the_filter(configure: Configure, name: str) -> None:
    assert authenticate(configure(), name, PASSWORD) is None


def test_two_people_of_one_name_are_both_refused(configure: Configure) -> None:
    assert authenticate(configure(), "twice", "secret of both") is None


def test_people_outside_the_filter_are_refused(configure: Configure) -> None:
    narrow = configure(user_filter="(&(mail=*)(uid={name}))")
    assert authenticate(narrow, "anna", PASSWORD) is not None
    assert authenticate(narrow, "bert", "secret of bert") is None


def test_another_attribute_can_be_the_name(configure: Configure) -> None:
    by_mail = configure(user_filter="(mail={name})", name_attribute="mail")
    found = authenticate(by_mail, "anna@example.com", PASSWORD)
    assert found is not None and found.name == "anna@example.com"


def test_a_missing_name_attribute_is_said(configure: Configure) -> None:
    with pytest.raises(ProblemError, match="没有「employeeNumber」属性"):
        authenticate(configure(name_attribute="employeeNumber"), "anna", PASSWORD)


def test_tls_with_the_right_authority(configure: Configure, slapd: Directory) -> None:
    secure = configure(url=slapd.secure_url, ca_file=str(slapd.ca_file))
    assert authenticate(secure, "anna", PASSWORD) is not None
    assert authenticate(secure, "anna", "wrong") is None
    started = configure(start_tls=True, ca_file=str(slapd.ca_file))
    assert authenticate(started, "anna", PASSWORD) is not None
    assert list(health(secure)) == list(health(started)) == []


@pytest.mark.parametrize("start_tls", [True, False])
def test_tls_with_another_authority_is_refused(
    configure: Configure, slapd: Directory, start_tls: bool
) -> None:
    url = slapd.url if start_tls else slapd.secure_url
    for ca_file in (str(slapd.other_ca), ""):
        config = configure(url=url, start_tls=start_tls, ca_file=ca_file)
        with pytest.raises(ProblemError, match="CERTIFICATE_VERIFY_FAILED"):
            authenticate(config, "anna", PASSWORD)


@pytest.mark.parametrize("start_tls", [True, False])
def test_tls_with_a_certificate_for_another_host_is_refused(
    configure: Configure, elsewhere: Directory, start_tls: bool
) -> None:
    url = elsewhere.url if start_tls else elsewhere.secure_url
    config = configure(url=url, start_tls=start_tls, ca_file=str(elsewhere.ca_file))
    with pytest.raises(ProblemError, match="IP address mismatch"):
        authenticate(config, "anna", PASSWORD)


def test_a_directory_that_is_not_there_cannot_tell(configure: Configure) -> None:
    away = configure(url=f"ldap://127.0.0.1:{free_port()}")
    with pytest.raises(ProblemError, match=r"JS-4003.*连不上 LDAP"):
        authenticate(away, "anna", PASSWORD)


def test_a_wrong_query_account_cannot_tell(configure: Configure) -> None:
    with pytest.raises(ProblemError, match="不让查询账号登录"):
        authenticate(configure(bind_password="wrong"), "anna", PASSWORD)


def test_health_is_silent_when_all_is_well(configure: Configure) -> None:
    assert list(health(configure())) == []


def test_health_names_each_cause_and_the_next_step(configure: Configure, tmp_path: Path) -> None:
    for changes, words in (
        ({"url": f"ldap://127.0.0.1:{free_port()}"}, "连不上 LDAP 服务器"),
        ({"bind_password": "wrong"}, "不让查询账号登录"),
        ({"bind_dn": "", "bind_password": ""}, "没有 base_dn，或没有权限读"),
        ({"base_dn": f"ou=nowhere,{BASE}"}, "没有 base_dn"),
        ({"user_filter": "(&(uid={name})"}, "不是 LDAP 过滤式"),
        ({"start_tls": True, "ca_file": str(tmp_path / "none.pem")}, "No such file"),
    ):
        problems = list(health(configure(**changes)))
        assert len(problems) == 1, changes
        assert problems[0].code == "JS-4003" and words in problems[0].text(), changes
        assert problems[0].next_step()


def test_health_warns_of_passwords_in_the_clear(configure: Configure) -> None:
    unknown = configure(url="ldap://ldap.invalid")
    assert "不加密" in next(iter(health(unknown))).text()


def test_the_query_password_is_in_no_message(configure: Configure) -> None:
    wrong = configure(bind_password="very private words", base_dn=PEOPLE)
    assert "very private words" not in repr(wrong)
    assert all("very private words" not in str(problem) for problem in health(wrong))
