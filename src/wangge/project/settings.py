"""Settings. Everything that differs between places comes from the environment, with a safe default.

WANGGE_HOME      folder of keys, vault, database, witness (default .wangge beside the checkout)
WANGGE_APP_URL   database address of the runtime role, which owns nothing
WANGGE_OWNER_URL database address of the owner; present for migrations and set-up only
WANGGE_HOSTS     host names the pages are served under, by comma (default the loopback names)
WANGGE_HTTPS     1 when served behind TLS: secure cookies and HSTS
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from wangge.kernel.keystore import KeyStore
from wangge.project.database import connection_settings

ROOT = Path(__file__).resolve().parents[3]
WANGGE_HOME = Path(os.environ.get("WANGGE_HOME", ROOT / ".wangge"))
WANGGE_KEYS = WANGGE_HOME / "keys"
WANGGE_VAULT = WANGGE_HOME / "vault"
WANGGE_PUBLISHED = WANGGE_HOME / "published"  # files without a secret, for anybody to load
WANGGE_WITNESS = WANGGE_HOME / "witness" / "checkpoints.jsonl"

SECRET_KEY = KeyStore(WANGGE_KEYS).key("web-session").hex()
DEBUG = False
HTTPS = os.environ.get("WANGGE_HTTPS") == "1"
ALLOWED_HOSTS = os.environ.get("WANGGE_HOSTS", "127.0.0.1,localhost,testserver").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []

ROOMS = [
    "ledger",
    "access",
    "territory",
    "landscape",
    "planning",
    "sources",
    "establishments",
    "registry",
    "linkage",
    "emergencies",
    "stays",
    "outbreaks",
    "screening",
    "credentials",
    "collection",
    "tasks",
    "field",
    "cases",
    "insight",
    "release",
    "flows",
    "console",
    "canvass",
    "atlas",
    "office",
    "duty",
    "watch",
    "api",
]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",  # allauth.usersessions shows times with it
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "procrastinate.contrib.django",
    "wangge.project",
    *(f"wangge.{room}" for room in ROOMS if (ROOT / "src" / "wangge" / room / "apps.py").exists()),
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "wangge.console.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "wangge.access.middleware.AccessMiddleware",
    "wangge.console.middleware.ProblemMiddleware",
]
ROOT_URLCONF = "wangge.project.urls"
WSGI_APPLICATION = "wangge.project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "src" / "wangge" / "console" / "templates"],  # before allauth's own pages
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "wangge.console.context.shell",
            ],
        },
    }
]

FORM_RENDERER = "wangge.console.forms.ConsoleRenderer"

DATABASES: dict[str, dict[str, Any]] = {
    "default": connection_settings(
        os.environ.get("WANGGE_APP_URL", "postgresql://wangge_app@/wangge"), application="wangge"
    )
}
if owner := os.environ.get("WANGGE_OWNER_URL"):
    DATABASES["owner"] = connection_settings(owner, application="wangge-owner")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "wangge.access.adapter.StaffAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
MFA_ADAPTER = "wangge.access.adapter.SealedFactors"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Wangge"
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 8 * 3600  # one working day
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF, "blob:"],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("WANGGE_TIME_ZONE", "Asia/Shanghai")

STATIC_URL = "/static/"
STATICFILES_DIRS: list[str] = []
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_IMMUTABLE_FILE_TEST = r"/console/dist/assets/"  # the build puts a hash into each name
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
# an upload is plain while it is read: in a folder of our own, where what a killed process left is swept away
FILE_UPLOAD_TEMP_DIR = WANGGE_HOME / "uploads"
FILE_UPLOAD_TEMP_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "access_cache",
        # failed sign-ins are counted here: with Django's 300 entries, failures under many names would push out the
        # count for the one name that is being tried
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "class": "wangge.project.discretion.DiscreetFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("WANGGE_LOG", "WARNING")},
}
