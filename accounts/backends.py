"""Log-in through allauth; what somebody may do is asked for once, not apart for herself and for her roles."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import Permission
from django.db.models import Q

from accounts.models import User
from accounts.queries import guarded_users


class RoleBackend(AuthenticationBackend):
    """Answers as Django's own does, in fewer questions."""

    def get_user(self, user_id: Any) -> User | None:
        """With her the second factor: every page of the staff asks about it."""
        user = guarded_users().filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Of herself and of her groups, kept on the object for as long as the request lasts."""
        if not isinstance(user_obj, User) or not user_obj.is_active or obj is not None:
            return set()
        if not hasattr(user_obj, "_perm_cache"):
            user_obj._perm_cache = set(map(".".join, _names(user_obj)))  # type: ignore[attr-defined]  # noqa: SLF001
        return user_obj._perm_cache  # type: ignore[attr-defined]  # noqa: SLF001


def _names(user: User) -> Any:
    held = Permission.objects.order_by()
    if not user.is_superuser:
        held = held.filter(Q(group__user=user) | Q(user=user))
    return held.values_list("content_type__app_label", "codename").distinct()
