"""Signing in with Django's own form: in Chinese, with a strong hash, and back to where one came from."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from django.utils import timezone

from spatial.models import LoginFailure

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


def try_to_sign_in(
    name: str, password: str, address: str = "10.0.0.1", page: str = "/accounts/login/"
) -> str:
    answer = Client(REMOTE_ADDR=address).post(page, {"username": name, "password": password})
    if answer.status_code == 302:
        return "in"
    text = answer.content.decode()
    return "locked" if "次数过多" in text else "wrong" if "用户名或密码不正确" in text else text


def test_ten_wrong_passwords_lock_that_name_at_that_address_for_ten_minutes(clerk: User) -> None:
    assert [try_to_sign_in("clerk", "wrong") for _ in range(12)] == ["wrong"] * 10 + ["locked"] * 2
    assert try_to_sign_in("clerk", PASSWORD) == "locked"
    refused = Client(REMOTE_ADDR="10.0.0.1").post("/accounts/login/", {"username": "clerk", "password": "x"})
    assert (refused.status_code, refused["Retry-After"]) == (429, "600")
    assert try_to_sign_in("clerk", PASSWORD, address="10.0.0.2") == "in"
    LoginFailure.objects.update(at=timezone.now() - timedelta(minutes=10, seconds=1))
    assert try_to_sign_in("clerk", PASSWORD) == "in"
    assert LoginFailure.objects.count() == 0


def test_a_right_password_forgets_the_wrong_ones(clerk: User) -> None:
    for _ in range(3):
        assert [try_to_sign_in("clerk", "wrong") for _ in range(9)] == ["wrong"] * 9
        assert try_to_sign_in("clerk", PASSWORD) == "in"


def test_a_name_that_nobody_has_is_locked_like_one_that_somebody_has() -> None:
    assert [try_to_sign_in("nobody", "wrong") for _ in range(11)] == ["wrong"] * 10 + ["locked"]


def test_the_admins_login_counts_with_the_maps(clerk: User) -> None:
    pages = ["/accounts/login/", "/admin/login/"] * 5
    assert [try_to_sign_in("clerk", "wrong", page=page) for page in pages] == ["wrong"] * 10
    for page in pages[:2]:
        assert try_to_sign_in("clerk", PASSWORD, page=page) == "locked"


@pytest.mark.django_db(transaction=True)
def test_guesses_made_at_once_are_counted_one_by_one(clerk: User) -> None:
    def guess(_: int) -> str:
        try:
            return try_to_sign_in("clerk", "wrong")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as guessing:
        told = list(guessing.map(guess, range(24)))
    assert (told.count("wrong"), told.count("locked")) == (10, 14)
