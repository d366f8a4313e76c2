// Light, dark, or as the system says, followed while the page is open.
import { applyMode, Mode } from "@cloudscape-design/global-styles";
import { settings } from "../settings";

const systemDark = matchMedia("(prefers-color-scheme: dark)");

function apply(): void {
    const { theme, language } = settings.get();
    const dark = theme === "dark" || (theme === "system" && systemDark.matches);
    applyMode(dark ? Mode.Dark : Mode.Light);
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
    document.documentElement.lang = language;
}

export function applyTheme(): void {
    apply();
    settings.subscribe(apply);
    systemDark.addEventListener("change", apply);
}
