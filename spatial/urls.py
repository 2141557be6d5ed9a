"""Django's own addresses: the admin, login and logout. All else is FastAPI's, in api/."""

from django.contrib import admin
from django.urls import path

from spatial.login import LimitedAdmin, Login, Logout, Password

admin.site.site_header = "净土 · 登记与管理"
admin.site.site_title = "净土"
admin.site.index_title = "登记册与资料"
admin.site.login_form = LimitedAdmin

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/login/", Login.as_view(), name="login"),
    path("accounts/logout/", Logout.as_view(), name="logout"),
    path("accounts/password/", Password.as_view(), name="password"),
]

handler400 = "spatial.error_pages.bad_request"
handler403 = "spatial.error_pages.forbidden"
handler404 = "spatial.error_pages.not_found"
handler500 = "spatial.error_pages.failed"
