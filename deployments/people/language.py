"""The language that a person chose, in which mail comes, too."""

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, User
from django.db import models


class PersonLanguage(models.Model):
    person = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="language")
    language = models.CharField(max_length=10, help_text="As the settings name it, such as ko.")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.person}: {self.language}"


def choose(person: AbstractBaseUser, language: str) -> None:
    """One that the settings name; another one is not kept."""
    if language in dict(settings.LANGUAGES):
        PersonLanguage.objects.update_or_create(person_id=person.pk, defaults={"language": language})


def chosen_by(person: AbstractBaseUser) -> str:
    """ "" while the person chose none, and for one that the settings name no more."""
    found = PersonLanguage.objects.filter(person_id=person.pk).values_list("language", flat=True).first()
    return found if found in dict(settings.LANGUAGES) else ""


def known(language: object) -> str:
    """One of the settings', as a chat sends it back; English for anything else."""
    return next((code for code, _ in settings.LANGUAGES if code == language), settings.LANGUAGE_CODE)
