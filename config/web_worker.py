"""gunicorn's process with threads, of which those that only wait for a deployment to change hold up nobody."""

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from deployments.ops import threads


class Worker(ThreadWorker):  # type: ignore[misc]
    def init_process(self) -> None:
        threads.ends_when(lambda: not self.alive)
        super().init_process()

    def get_thread_pool(self) -> threads.Threads:
        return threads.Threads(self.cfg.threads)
