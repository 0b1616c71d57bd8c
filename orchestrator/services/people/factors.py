"""The second factor: codes of an authenticator app (TOTP), and recovery codes for its loss."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from orchestrator.models import RecoveryCode, SecondFactor, User
from orchestrator.services.people import audit
from orchestrator.services.people.attempts import Limit
from orchestrator.services.people.audit import Area

ISSUER = "Clutch Web"
STEP_S = 30
# One step early or late, because clocks differ.
DRIFT_STEPS = (0, -1, 1)
RECOVERY_CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def is_on(user: User) -> bool:
    return SecondFactor.objects.filter(user=user).exclude(confirmed_at=None).exists()


def limits(user: User) -> list[Limit]:
    """A code has a million values: five a minute, and thirty an hour, never find it."""
    return [Limit(f"code:{user.pk}", 5, 60), Limit(f"code-hour:{user.pk}", 30, 3600)]


def begin(user: User) -> str:
    """The address that an app reads as a QR code. Nothing is asked for until it is confirmed."""
    found = SecondFactor.objects.filter(user=user).first()
    if found is None or (found.confirmed_at is None and _secret(found) is None):
        sealed = _box().encrypt(pyotp.random_base32().encode()).decode()
        found, _ = SecondFactor.objects.update_or_create(user=user, defaults={"sealed": sealed})
    if found.confirmed_at is not None:
        return ""
    return _totp(_secret(found) or "").provisioning_uri(name=user.username, issuer_name=ISSUER)


def confirm(user: User, code: str, now: datetime) -> list[str] | None:
    """Turned on by a first right code; the recovery codes are shown this once."""
    with transaction.atomic():
        if is_on(user) or not _use_code(user, code, now):
            return None
        SecondFactor.objects.filter(user=user).update(confirmed_at=now)
        audit.record(Area.SIGN_IN, f"Second factor of {user.username} turned on")
        return _new_recovery_codes(user)


def spelled(uri: str) -> str:
    """The secret of the address in groups, for an app that cannot scan."""
    secret = pyotp.parse_uri(uri).secret
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def renew_codes(user: User) -> list[str]:
    with transaction.atomic():
        audit.record(Area.SIGN_IN, f"Recovery codes of {user.username} renewed")
        return _new_recovery_codes(user)


def check(user: User, code: str, now: datetime) -> bool:
    """A code of the app or a recovery code; each is good once."""
    return _use_code(user, code, now) or _use_recovery_code(user, code)


def turn_off(user: User) -> bool:
    with transaction.atomic():
        RecoveryCode.objects.filter(user=user).delete()
        was_on = is_on(user)
        SecondFactor.objects.filter(user=user).delete()
        if was_on:
            audit.record(Area.SIGN_IN, f"Second factor of {user.username} turned off")
    return was_on


def _use_code(user: User, code: str, now: datetime) -> bool:
    factor = SecondFactor.objects.filter(user=user).first()
    secret = _secret(factor) if factor is not None else None
    digits = code.replace(" ", "")
    if secret is None or len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        return False
    here = int(now.timestamp()) // STEP_S
    for step in (here + drift for drift in DRIFT_STEPS):
        if hmac.compare_digest(_totp(secret).generate_otp(step), digits):
            unused = SecondFactor.objects.filter(Q(last_step__lt=step), user=user)
            return bool(unused.update(last_step=step))
    return False


def _use_recovery_code(user: User, code: str) -> bool:
    digest = _digest(code)
    deleted, _ = RecoveryCode.objects.filter(user=user, digest=digest).delete()
    if deleted:
        audit.record(Area.SIGN_IN, f"Recovery code of {user.username} used", by=user)
    return bool(deleted)


def _new_recovery_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = ["-".join(_group() for _ in range(3)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(c)) for c in codes)
    return codes


def _group() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(5))


def _digest(code: str) -> str:
    """74 random bits need no slow hash."""
    plain = "".join(sign for sign in code.lower() if sign.isalnum())
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def _totp(secret: str) -> pyotp.TOTP:
    return pyotp.TOTP(secret, interval=STEP_S)


def _secret(factor: SecondFactor) -> str | None:
    """None when it was sealed with another secret key."""
    try:
        return _box().decrypt(factor.sealed.encode()).decode()
    except InvalidToken:
        return None


def _box() -> Fernet:
    key = hashlib.sha256(b"clutch.second-factor:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
