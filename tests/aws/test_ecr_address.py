import pytest

from deployments.aws.ecr_address import EcrAddress

EVERY_PARTITION = {
    "123456789012.dkr.ecr.us-east-1.amazonaws.com": "us-east-1",
    "123456789012.dkr-ecr.us-east-1.on.aws": "us-east-1",
    "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com": "us-east-1",
    "123456789012.dkr-ecr-fips.us-gov-west-1.on.aws": "us-gov-west-1",
    "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com": "us-gov-west-1",
    "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn": "cn-north-1",
    "123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn": "cn-north-1",
    "123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu": "eusc-de-east-1",
    "123456789012.dkr-ecr.eusc-de-east-1.on.amazonwebservices.eu": "eusc-de-east-1",
    "123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov": "us-iso-east-1",
    "123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov": "us-isob-east-1",
    "123456789012.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk": "eu-isoe-west-1",
    "123456789012.dkr.ecr.us-isof-south-1.csp.hci.ic.gov": "us-isof-south-1",
    # a region that is newer than this botocore
    "123456789012.dkr.ecr.xx-north-1.amazonaws.com": "xx-north-1",
}


@pytest.mark.parametrize(("host", "region"), EVERY_PARTITION.items())
@pytest.mark.parametrize("rest", ["", ":1.0", "@sha256:" + "d" * 64, ":1.0@sha256:" + "d" * 64])
def test_an_address_of_every_partition_is_read(host: str, region: str, rest: str) -> None:
    assert EcrAddress.parse(f"{host}/team/shop{rest}") == EcrAddress(
        account="123456789012", region=region, repository="team/shop"
    )


@pytest.mark.parametrize(
    "image",
    [
        "nginx",
        "ghcr.io/team/shop:1",
        "public.ecr.aws/team/shop:1",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/",
        "12345678901.dkr.ecr.us-east-1.amazonaws.com/shop",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com.evil.example/shop",
        "123456789012.dkr.ecr.us-east-1.evil.example/shop",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com:8443/shop",
        # the domain of another partition, where nobody vouches that the name is AWS's
        "123456789012.dkr.ecr.us-east-1.amazonaws.com.cn/shop",
        "123456789012.dkr.ecr.eusc-de-east-1.amazonaws.com/shop",
        "123456789012.dkr-ecr.us-east-1.amazonaws.com/shop",
        "123456789012.dkr.ecr.us-east-1.on.aws/shop",
        "evil.example/123456789012.dkr.ecr.us-east-1.amazonaws.com/shop",
    ],
)
def test_what_only_looks_like_it_is_not_ecr(image: str) -> None:
    assert EcrAddress.parse(image) is None
