"""The tools there are, in the order of the page that lists them: one entry a tool."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool on the page of tools."""

    href: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class ToolGroup:
    """Tools that belong together."""

    title: str
    tools: tuple[Tool, ...]


GROUPS: Final = (
    ToolGroup(
        "Find out where",
        (
            Tool("/areas", "Which areas should we look at first?", "All areas, sorted by risk."),
            Tool(
                "/select",
                "How do these places differ?",
                "Pick up to ten areas and see them side by side.",
            ),
            Tool(
                "/reports",
                "What does the evidence say about these places?",
                "A report to print or send: one place, or up to ten side by side.",
            ),
            Tool(
                "/rollup",
                "What is the risk in a list of places together?",
                "Areas, postcodes, GP practices or an outline, added up as one.",
            ),
            Tool("/patterns", "Where does high risk lie together?", "Groups of areas that touch."),
            Tool("/spread", "Where do averages hide high risk?", "How uneven wider areas are."),
        ),
    ),
    ToolGroup(
        "Plan what to do",
        (
            Tool(
                "/gaps",
                "Where is risk high and help far?",
                "Neighbourhoods at risk beyond a walk of any support.",
            ),
            Tool(
                "/tools/matrix",
                "Where is risk high, and how many would it hit?",
                "A risk matrix of likelihood and impact: which areas a campaign should go to.",
            ),
            Tool(
                "/tools/footprint",
                "Who does this programme serve, and who is missed?",
                "A list of postcodes, places, practices, sites or an outline, compared with who is "
                "at risk there.",
            ),
            Tool(
                "/tools/siting",
                "Where would new places help most?",
                "The best places for a new hub among those you could use.",
            ),
            Tool(
                "/tools/closing",
                "What if a place closes?",
                "Who would lose help in reach, for any place of support.",
            ),
            Tool(
                "/tools/sample",
                "Where do we go to hear from people at risk?",
                "Survey sites drawn by known chances, with weights, venues and a pack for each.",
            ),
            Tool(
                "/tools/share",
                "How do we divide 150 computers?",
                "A fair share of things, money or hours for areas or partners, and why.",
            ),
            Tool(
                "/tools/assessment",
                "What evidence is there for an impact assessment?",
                "What is known of each protected and inclusion health group, and who to ask.",
            ),
        ),
    ),
    ToolGroup(
        "See where you stand",
        (
            Tool(
                "/tools/readiness",
                "Where does our system stand?",
                "Rate eleven factors with your team, in private, and see what changes.",
            ),
        ),
    ),
    ToolGroup(
        "Download",
        (
            Tool("/own", "What if our own figures count, too?", "Bring numbers of your own."),
            Tool("/download", "Can we have the data?", "Files for spreadsheets and maps."),
            Tool("/changes", "What changed?", "This edition against the one before."),
        ),
    ),
)
"""Add a tool where it belongs."""
