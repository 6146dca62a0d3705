"""Starts the agent, and nothing else of the sandbox: the package itself would bring moto along."""

import importlib
import sys
import types
from pathlib import Path

sandbox = types.ModuleType("sandbox")
sandbox.__path__ = [str(Path(__file__).resolve().parents[3])]
sys.modules["sandbox"] = sandbox
importlib.import_module("sandbox.codedeploy.server.machine.agent").main()
