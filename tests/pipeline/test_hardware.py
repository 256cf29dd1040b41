from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.pipeline.hardware import driver_version, gpu, machine

if TYPE_CHECKING:
    from pathlib import Path

# As the driver of a machine with three cards writes them.
INFORMATION = """\
Model: \t\t {}
IRQ:   \t\t 35
GPU UUID: \t GPU-5f0c9f9e-8a3b-4c1d-9a53-0d1c2b3a4f5e
Bus Location: \t 0000:{:02x}:00.0
"""
VERSION = (
    "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu Feb 22 01:44:30 UTC 2024\n"
)


def test_the_cards_are_counted_by_their_kind(tmp_path: Path):
    for number, name in enumerate(["NVIDIA L4", "NVIDIA A100-SXM4-40GB", "NVIDIA L4"]):
        folder = tmp_path / "gpus" / f"0000:{number:02x}:00.0"
        folder.mkdir(parents=True)
        (folder / "information").write_text(INFORMATION.format(name, number))
    (tmp_path / "version").write_text(VERSION)

    assert gpu(tmp_path) == "1 x NVIDIA A100-SXM4-40GB, 2 x NVIDIA L4"
    assert driver_version(tmp_path) == "550.54.14"


def test_a_driver_that_says_little_is_said_to_be_there(tmp_path: Path):
    (tmp_path / "gpus/0").mkdir(parents=True)
    (tmp_path / "gpus/0/information").write_text("IRQ: 35\n")
    (tmp_path / "version").write_text("a kernel module\n")

    assert (gpu(tmp_path), driver_version(tmp_path)) == ("1 x NVIDIA", "unknown")


def test_without_a_driver_there_is_none(tmp_path: Path):
    assert (gpu(tmp_path), driver_version(tmp_path)) == ("none", "none")


def test_the_machine_names_all_that_a_record_needs():
    found = machine()

    assert set(found) == {"python", "os", "cpu", "gpu", "driver", "threads"}
    assert all(found.values())
