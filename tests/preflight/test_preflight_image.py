from deployments.aws import errors, values
from deployments.preflight.report import Level
from tests.preflight.world import (
    DIGEST,
    REPOSITORY,
    error,
    healthy_account,
    look,
    ok,
    release,
    unknown,
    warning,
)


def test_an_image_that_ecr_no_longer_has_is_an_error() -> None:
    account = healthy_account()
    account.images = {}

    sentence = error(look(account, release()), "image-exists")

    assert f"ECR has no image {REPOSITORY}@sha256:222222222222 for container web any more" in sentence
    assert "CannotPullContainerError" in sentence


def test_an_image_outside_ecr_is_not_looked_at() -> None:
    artefact = release(images={"web": f"docker.io/acme/shop@{DIGEST}"})

    assert "docker.io/acme/shop@sha256:222222222222 is not in ECR" in unknown(
        look(healthy_account(), artefact), "image-exists"
    )


def test_an_image_that_is_not_pinned_is_an_error() -> None:
    sentence = error(look(healthy_account(), release(images={"web": f"{REPOSITORY}:2.0"})), "image-exists")

    assert "which is no digest: what it means can change" in sentence


def test_the_tag_latest_is_named_as_a_risk() -> None:
    report = look(healthy_account(), release(references={"web": f"{REPOSITORY}:latest"}))

    assert "The tag latest moves with every push" in warning(report, "image-latest")
    assert report.passed


def test_a_reference_without_a_tag_means_latest() -> None:
    report = look(healthy_account(), release(references={"web": "registry.internal:5000/shop"}))

    assert "was registered as registry.internal:5000/shop" in warning(report, "image-latest")


def test_an_image_for_another_cpu_is_explained_with_the_build_command() -> None:
    sentence = error(look(healthy_account(), release(platforms={"web": ("linux/arm64",)})), "image-architecture")

    assert "built for linux/arm64, but the task definition runs on X86_64 (linux/amd64)" in sentence
    assert "every task would stop with `exec format error`" in sentence
    assert "docker buildx build --platform linux/amd64" in sentence


def test_an_amd64_image_does_not_fit_arm64_either() -> None:
    account = healthy_account()
    account.doctor_definition(runtimePlatform={"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"})

    assert "docker buildx build --platform linux/arm64" in error(look(account, release()), "image-architecture")


def test_an_image_for_several_platforms_fits_when_one_of_them_does() -> None:
    artefact = release(platforms={"web": ("linux/amd64", "linux/arm64/v8")})
    account = healthy_account()
    account.doctor_definition(runtimePlatform={"cpuArchitecture": "ARM64"})

    assert "was built for linux/arm64" in ok(look(account, artefact), "image-architecture")


def test_platforms_that_the_release_does_not_know_are_asked_of_ecr() -> None:
    assert "was built for linux/amd64" in ok(look(healthy_account(), release(platforms={})), "image-architecture")


def test_each_container_of_one_image_is_looked_at_as_its_release_knows_it() -> None:
    image = f"{REPOSITORY}@{DIGEST}"
    artefact = release(images={"web": image, "worker": image}, platforms={"web": ("linux/amd64",)})

    report = look(healthy_account(), artefact)

    assert [each.level for each in report.results if each.check == "image-architecture"] == [Level.OK, Level.OK]


def test_a_dual_stack_address_is_looked_up_in_ecr() -> None:
    repository = "123456789012.dkr-ecr.eu-central-1.on.aws/shop"
    account = healthy_account()
    account.images[repository, DIGEST] = values.Image(repository=repository, tag="", digest=DIGEST, platforms=())

    report = look(account, release(images={"web": f"{repository}@{DIGEST}"}))

    assert f"ECR has {repository}@sha256:222222222222" in ok(report, "image-exists")


def test_an_address_outside_aws_is_not_taken_for_ecr() -> None:
    image = f"123456789012.dkr.ecr.eu-central-1.evil.example/shop@{DIGEST}"

    assert "is not in ECR" in unknown(look(healthy_account(), release(images={"web": image})), "image-exists")


def test_platforms_that_nobody_knows_are_unknown() -> None:
    artefact = release(images={"web": f"docker.io/acme/shop@{DIGEST}"}, platforms={})

    assert "the image of container web was built for is not known" in unknown(
        look(healthy_account(), artefact), "image-architecture"
    )


def test_a_runtime_platform_that_is_new_to_us_is_unknown() -> None:
    account = healthy_account()
    account.doctor_definition(runtimePlatform={"cpuArchitecture": "RISCV64"})

    assert "RISCV64" in unknown(look(account, release()), "image-architecture")


def test_an_image_for_a_container_that_there_is_not_is_an_error() -> None:
    image = f"{REPOSITORY}@{DIGEST}"
    artefact = release(images={"web": image, "worker": image}, platforms={})

    sentence = error(look(healthy_account(), artefact), "image-containers")

    assert "has an image for worker, but the task definition shop:1 of shop-blue has only web" in sentence


def test_a_container_that_keeps_its_image_is_mentioned() -> None:
    account = healthy_account()
    (web,) = account.task_definition("arn:aws:ecs:eu-central-1:123456789012:task-definition/shop:1").document[
        "containerDefinitions"
    ]
    account.doctor_definition(containerDefinitions=[web, {"name": "nginx", "image": "nginx:1.27"}])

    sentence = warning(look(account, release()), "image-containers")

    assert "nginx keeps nginx:1.27" in sentence
    assert "Nothing to do if that is meant" in sentence


def test_a_registry_that_may_not_be_read_is_said_once() -> None:
    account = healthy_account()
    account.fail_next("image", errors.Denied("BatchGetImage", "AccessDeniedException", "not authorized"))

    report = look(account, release(platforms={}))

    assert "the role tealgate may not ecr:BatchGetImage" in unknown(report, "image-exists")
    assert "is not known" in unknown(report, "image-architecture")
