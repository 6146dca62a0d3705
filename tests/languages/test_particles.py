import pytest

from deployments.languages.particles import settled


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("서비스을(를) 중지", "서비스를 중지"),
        ("환경을(를) 중지", "환경을 중지"),
        ("버전이(가)", "버전이"),
        ("태스크 3은(는)", "태스크 3은"),
        ("태스크 2은(는)", "태스크 2는"),
        ("서울으로(로)", "서울로"),
        ("환경으로(로)", "환경으로"),
        ("서버으로(로)", "서버로"),
        ("버전 1으로(로)", "버전 1로"),
        ("버전 3으로(로)", "버전 3으로"),
        ("성공(이)라고", "성공이라고"),
        ("대기(이)라고", "대기라고"),
        ("승인 1건(승인자)을(를)", "승인 1건(승인자)을"),
        ("서비스(web)이(가)", "서비스(web)가"),
        ("storefront을(를)", "storefront을(를)"),
        ("storefront(v1)을(를)", "storefront(v1)을(를)"),
        ("을(를)", "을(를)"),
    ],
)
def test_a_particle_goes_by_the_sound_before_it(written: str, read: str) -> None:
    assert settled(written) == read
