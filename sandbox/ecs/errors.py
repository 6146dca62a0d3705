"""Errors as ECS words them. The code is the name of the exception in the API model."""


class EcsError(Exception):
    code = "ClientException"
    status = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ClientError(EcsError):
    code = "ClientException"


class InvalidParameter(EcsError):
    code = "InvalidParameterException"


class ClusterNotFound(EcsError):
    code = "ClusterNotFoundException"

    def __init__(self) -> None:
        super().__init__("Cluster not found.")


class ServiceNotFound(EcsError):
    code = "ServiceNotFoundException"

    def __init__(self) -> None:
        super().__init__("Service not found.")


class ServiceNotActive(EcsError):
    code = "ServiceNotActiveException"

    def __init__(self) -> None:
        super().__init__("Service was not ACTIVE.")


class NamespaceNotFound(EcsError):
    code = "NamespaceNotFoundException"

    def __init__(self) -> None:
        super().__init__("The specified namespace was not found.")


class ResourceNotFound(EcsError):
    code = "ResourceNotFoundException"


class UnsupportedFeature(EcsError):
    code = "UnsupportedFeatureException"
