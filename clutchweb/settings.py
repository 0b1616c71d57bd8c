"""All settings in one file. Works with no environment at all."""

import sys
from pathlib import Path

from csp.constants import NONE, SELF

from clutchweb import env, home

BASE_DIR = Path(__file__).resolve().parent.parent
CLUTCH_HOME = home.path()
SECRET_KEY = home.secret_key()
DEBUG = env.flag("CLUTCH_DEBUG")
IS_TEST = env.flag("CLUTCH_TEST")

# Where people reach us. Other hosts than loopback are named by whoever binds to them.
HOST = env.text("HOST", "127.0.0.1")
PORT = env.number("PORT", 8760, low=0, high=65535)
PUBLIC_URL = env.text("CLUTCH_PUBLIC_URL")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *env.words("CLUTCH_ALLOWED_HOSTS")]
ALLOWED_ORIGINS = env.words("CLUTCH_ALLOWED_ORIGINS")
CSRF_TRUSTED_ORIGINS = [origin for origin in ALLOWED_ORIGINS if "://" in origin]
IS_HTTPS = PUBLIC_URL.startswith("https://")

# 64 hexadecimal digits; only needed where several machines share stored provider keys.
ENCRYPTION_KEY = env.text("CLUTCH_ENCRYPTION_KEY")

DATABASE_URL = env.text("DATABASE_URL")
REDIS_URL = env.text("REDIS_URL")
# Set by `clutch move` for itself: the SQLite file that is carried into DATABASE_URL.
MOVE_FROM = env.text("CLUTCH_MOVE_FROM")
IS_EMBEDDED = not REDIS_URL
WORKERS = env.number("CLUTCH_WORKERS", 16, low=1, high=256)
RUN_WORKERS = env.number("CLUTCH_RUN_WORKERS", 4, low=1, high=64)
# What drives a trip and is not heard of for so long is taken for dead; the same in every process.
LEASE_S = env.number("CLUTCH_LEASE_S", 30, low=3, high=3600)

# A command that only asks the engine starts twice as fast without the apps that serve pages.
IS_BARE = env.flag("CLUTCH_BARE")
BARE_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "orchestrator.apps.OrchestratorConfig",
]
SERVED_APPS = [
    *(["daphne"] if "runserver" in sys.argv else []),  # importing it costs the CLI 150 ms
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "django_htmx",
    "orchestrator.apps.OrchestratorConfig",
]
INSTALLED_APPS = BARE_APPS if IS_BARE else SERVED_APPS
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "orchestrator.web.middleware.headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "orchestrator.web.standing.standing",
]
ROOT_URLCONF = "clutchweb.urls"
ASGI_APPLICATION = "clutchweb.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "orchestrator.web.context.shell",
            ]
        },
    }
]

# IMMEDIATE, because the busy timeout does not cover a transaction that turns from reading to
# writing: with the default, concurrent processes get "database is locked" at once.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL;"
        f"PRAGMA synchronous={env.choice('CLUTCH_SQLITE_SYNC', 'normal', ('normal', 'full'))};"
        "PRAGMA foreign_keys=ON;"
        "PRAGMA journal_size_limit=67108864;"
    ),
}
POSTGRES_OPTIONS = {
    "connect_timeout": 5,
    "options": "-c statement_timeout=15000 -c lock_timeout=5000"
    " -c idle_in_transaction_session_timeout=30000",
}
if DATABASE_URL:
    DATABASE = env.database("DATABASE_URL")
    OWN_OPTIONS = DATABASE.get("OPTIONS", {})
    DATABASES = {"default": DATABASE}
    if DATABASE["ENGINE"].endswith("sqlite3"):
        DATABASE["OPTIONS"] = {**SQLITE_OPTIONS, **OWN_OPTIONS}
    elif IS_BARE:
        # One connection for each thread of a command: a pool hides why there is none.
        DATABASE["OPTIONS"] = {**OWN_OPTIONS, **POSTGRES_OPTIONS}
        DATABASE["CONN_MAX_AGE"] = 60
    else:
        # Left alone, a pool waits twice as long after each failed attempt, and a PostgreSQL that
        # is back is refused for minutes. Giving up soon and asking again tries once a second.
        pool = {
            "min_size": 1,
            "max_size": 20,
            "timeout": 5,
            "reconnect_timeout": 2,
            "reconnect_failed": lambda pool: pool.check(),
        }
        DATABASE["OPTIONS"] = {**OWN_OPTIONS, **POSTGRES_OPTIONS, "pool": pool}
        DATABASE["CONN_HEALTH_CHECKS"] = True  # a restarted PostgreSQL leaves dead connections
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(CLUTCH_HOME / "clutch.db"),
            "OPTIONS": SQLITE_OPTIONS,
            # A file like the real one: a database in memory locks whole tables between threads.
            "TEST": {"NAME": CLUTCH_HOME / "test.db"},
        }
    }
if MOVE_FROM:
    DATABASES["source"] = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": MOVE_FROM,
        "OPTIONS": SQLITE_OPTIONS,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CHANNEL_LAYERS = {
    "default": {
        # Not the default layer of channels_redis, which one full queue stops for a whole process.
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "hosts": [
                {
                    "address": REDIS_URL,
                    "socket_timeout": 2,
                    "socket_connect_timeout": 1,
                    "socket_keepalive": True,
                }
            ]
        },
    }
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 10_000}}
}

# What is read from the database all the time is kept for seconds by each process for itself, so
# that no page waits for Redis.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

AUTH_USER_MODEL = "orchestrator.User"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/chat/"
LOGOUT_REDIRECT_URL = "/sign-in/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Signing in through an OpenID Connect provider is off until these are set.
OIDC_ISSUER = env.web_address("CLUTCH_OIDC_ISSUER")
OIDC_CLIENT_ID = env.text("CLUTCH_OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = env.text("CLUTCH_OIDC_CLIENT_SECRET")
OIDC_NAME = env.text("CLUTCH_OIDC_NAME") or "OpenID Connect"
# Verified e-mail addresses of these domains get an account without an invitation.
OIDC_DOMAINS = env.words("CLUTCH_OIDC_DOMAINS")

# Without a mail server nothing is sent, and pages say so.
EMAIL_HOST = env.text("CLUTCH_SMTP_HOST")
EMAIL_PORT = env.number("CLUTCH_SMTP_PORT", 587, low=1, high=65535)
EMAIL_HOST_USER = env.text("CLUTCH_SMTP_USER")
EMAIL_HOST_PASSWORD = env.text("CLUTCH_SMTP_PASSWORD")
SMTP_SECURITY = env.choice("CLUTCH_SMTP_SECURITY", "starttls", ("starttls", "tls", "none"))
EMAIL_USE_TLS = SMTP_SECURITY == "starttls"
EMAIL_USE_SSL = SMTP_SECURITY == "tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("CLUTCH_MAIL_FROM") or "clutch@localhost"

# Hosts, or HOST:PORT, that webhooks may call although they are private or speak plain HTTP.
OUTBOUND_ALLOWED = frozenset(name.lower() for name in env.words("CLUTCH_OUTBOUND_ALLOWED"))

# Cookies are shared by every port of a host, so ours carry the port in their names.
SESSION_COOKIE_NAME = f"clutch_{PORT}_sid"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
CSRF_COOKIE_NAME = f"clutch_{PORT}_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_FAILURE_VIEW = "orchestrator.web.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if IS_HTTPS else 0
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
        "object-src": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
# Budget days and months begin at midnight of this zone.
TIME_ZONE = env.text("CLUTCH_TIME_ZONE", "UTC")

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Served from where they lie, without a collecting step; an upgrade shows after five minutes.
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0 if DEBUG else 300

SILENCED_SYSTEM_CHECKS = (
    # Whether other names of the domain speak TLS is not ours to promise.
    ["security.W005", "security.W021"]
    if IS_HTTPS
    else ["security.W004", "security.W008", "security.W012", "security.W016"]  # loopback has no TLS
)
LOG_LEVEL = env.choice("CLUTCH_LOG_LEVEL", "info", ("debug", "info", "warning", "error"))
LOGGING_CONFIG = "clutchweb.logs.configure"
LOGGING = {
    "level": LOG_LEVEL,
    "format": env.choice("CLUTCH_LOG_FORMAT", "plain", ("plain", "json")),
}
