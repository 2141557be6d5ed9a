"""Signing in with Django's own form: in Chinese, with a strong hash, and back to where one came from."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough password"


@pytest.fixture
def clerk() -> User:
    return User.objects.create_user("clerk", password=PASSWORD)


def test_a_password_is_kept_as_argon2(clerk: User) -> None:
    assert clerk.password.startswith("argon2$argon2id$")


def test_the_form_is_in_chinese_and_asks_nothing_from_outside() -> None:
    page = Client().get("/accounts/login/").content.decode()
    assert '<html lang="zh-CN">' in page
    assert "用户名" in page
    assert "http" not in page


def test_signing_in_leads_back_and_leaves_a_cookie_that_scripts_cannot_read(clerk: User) -> None:
    client = Client()
    answer = client.post(
        "/accounts/login/?next=/x", {"username": "clerk", "password": PASSWORD, "next": "/x"}
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, "/x")
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_a_wrong_password_is_told_without_saying_which_half_was_wrong(clerk: User) -> None:
    wrong = Client().post("/accounts/login/", {"username": "clerk", "password": "wrong"}).content.decode()
    unknown = Client().post("/accounts/login/", {"username": "nobody", "password": "wrong"}).content.decode()
    assert "用户名或密码不正确" in wrong
    assert "用户名或密码不正确" in unknown


def test_nobody_is_led_to_another_site_after_signing_in(clerk: User) -> None:
    answer = Client().post(
        "/accounts/login/", {"username": "clerk", "password": PASSWORD, "next": "https://elsewhere.example/"}
    )
    assert answer.headers["Location"] == "/"


def test_a_form_without_the_pages_token_is_refused(clerk: User) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/accounts/login/", {"username": "clerk", "password": PASSWORD}).status_code == 403


def test_the_admin_is_closed_to_strangers_and_opens_to_staff(admin_client: Client) -> None:
    assert Client().get("/admin/").status_code == 302
    assert "净土 · 登记与管理" in admin_client.get("/admin/").content.decode()
