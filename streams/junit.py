"""Test results in the XML that build servers read."""

import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

from streams.testing import Result

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(suites: Mapping[str, Sequence[Result]]) -> bytes:
    """One ``testsuite`` for each file, as Jenkins, GitLab and GitHub's reporters take it.

    Source: https://github.com/testmoapp/junitxml.
    """
    root = ET.Element("testsuites")
    for name, results in suites.items():
        suite = ET.SubElement(
            root,
            "testsuite",
            name=name,
            tests=str(len(results)),
            failures=str(sum(bool(result.failures) for result in results)),
            errors="0",
            time=f"{sum(result.seconds for result in results):.3f}",
        )
        for result in results:
            case = ET.SubElement(
                suite,
                "testcase",
                classname=name,
                name=_fit(result.case.name),
                file=name,
                line=str(result.case.line),
                time=f"{result.seconds:.3f}",
            )
            for failure in result.failures:
                first, *_ = text = [_fit(line) for line in failure.lines()]
                ET.SubElement(case, "failure", message=first).text = "\n".join(text)
    ET.indent(root)
    return bytes(ET.tostring(root, "utf-8", xml_declaration=True)) + b"\n"


def _fit(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
