"""The signs of verdicts as SVG, as the page draws them: an outline of its own for each, readable without colour."""

from __future__ import annotations

_SIGNS = {
    "prohibit": '<path d="M8.1 2.5h7.8l5.6 5.6v7.8l-5.6 5.6H8.1l-5.6-5.6V8.1z" fill="#9E1B1E"/>'
    '<rect x="6.4" y="10.6" width="11.2" height="2.8" rx=".6" fill="#FFFFFF"/>',
    "needs_investigation": '<path d="M12 1.4 22.6 12 12 22.6 1.4 12z" fill="#C2520A"/>'
    '<circle cx="11.2" cy="11" r="3.6" fill="none" stroke="#FFFFFF" stroke-width="1.9"/>'
    '<path d="m14 13.9 2.8 2.8" stroke="#FFFFFF" stroke-width="2.2" stroke-linecap="round"/>',
    "conditional": '<path d="M12 2.2 22.6 20.8H1.4z" fill="#EFC02F" stroke="#6B5300" stroke-width="1.5"/>'
    '<path d="M10.2 11h3.6M8.6 14h6.8M7 17h10" stroke="#2B2200" stroke-width="1.7"/>',
    "undetermined": '<circle cx="12" cy="12" r="9.2" fill="#FFFFFF" stroke="#4A4D55" stroke-width="2.4" '
    'stroke-dasharray="4.6 2.6"/><path d="M9.2 9.6c.2-1.7 1.4-2.6 2.9-2.6 1.7 0 2.9 1 2.9 2.5 0 2.2-2.9 2.2-2.9 4.3" '
    'fill="none" stroke="#4A4D55" stroke-width="2" stroke-linecap="round"/>'
    '<circle cx="12.1" cy="16.8" r="1.35" fill="#4A4D55"/>',
    "notice": '<path d="M4 2.5h16v14H10.5L4 21.8z" fill="#2F6DB5"/><circle cx="12" cy="6.3" r="1.3" fill="#FFFFFF"/>'
    '<path d="M12 9.2v5" stroke="#FFFFFF" stroke-width="2.2" stroke-linecap="round"/>',
    "clear": '<circle cx="12" cy="12" r="10.3" fill="#0B8570"/><path d="m7.3 12.3 3.3 3.3 6.2-6.9" fill="none" '
    'stroke="#FFFFFF" stroke-width="2.3" stroke-linecap="round" stroke-linejoin="round"/>',
}


def sign(verdict: str) -> str:
    """An SVG document of 24 × 24."""
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24">{_SIGNS[verdict]}</svg>'


def signs() -> dict[str, str]:
    return {verdict: sign(verdict) for verdict in _SIGNS}
