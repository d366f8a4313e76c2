// Addresses: /console/<path>. Links are plain anchors; a click on one of ours stays in the page.
import { Store, useStore } from "./store";

export const base = "/console";
const here = (): string => location.pathname.slice(base.length).replace(/\/+$/, "") || "/";

export const path = new Store<string>(here());

export function href(to: string): string {
    return base + (to === "/" ? "/" : to);
}

export function navigate(to: string): void {
    history.pushState(null, "", href(to));
    path.set(here());
    window.scrollTo(0, 0);
}

// Another address for the page that is there.
export function replace(to: string): void {
    history.replaceState(null, "", href(to));
    path.set(here());
}

export function usePath(): string {
    return useStore(path);
}

// "/users/:id" against "/users/u-1": its parameters, decoded; undefined where it does not fit.
export function match(pattern: string, actual: string): Record<string, string> | undefined {
    const wanted = pattern.split("/");
    const given = actual.split("/");
    if (wanted.length !== given.length) return undefined;
    const parameters: Record<string, string> = {};
    for (const [index, part] of wanted.entries()) {
        const value = given[index]!;
        if (!part.startsWith(":")) {
            if (part !== value) return undefined;
            continue;
        }
        try {
            parameters[part.slice(1)] = decodeURIComponent(value);
        } catch {
            return undefined;
        }
    }
    return parameters;
}

// Relay states name pages of AWS's console; ours are found by the service's name. Anything else leads to the start.
export function pageOfDestination(destination: string): string {
    let url: URL;
    try {
        url = new URL(destination);
    } catch {
        return "/";
    }
    if (url.origin === location.origin && url.pathname.startsWith(`${base}/`)) return url.pathname.slice(base.length);
    if (!/(^|\.)console\.aws\.amazon\.com$/.test(url.hostname)) return "/";
    const service = url.pathname.split("/")[1] ?? "";
    const pages: Record<string, string> = {
        eks: "/eks/clusters",
        iam: "/iam/users",
        iamv2: "/iam/users",
        organizations: "/organization",
        singlesignon: "/identity-center",
        cloudtrail: "/activity",
        cloudtrailv2: "/activity",
    };
    return pages[service] ?? "/";
}

function follow(event: MouseEvent, onFollow: () => void): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const anchor = (event.target as Element | null)?.closest?.("a");
    if (!anchor || anchor.target || anchor.origin !== location.origin || anchor.hasAttribute("download")) return;
    if (anchor.hash && anchor.pathname === location.pathname) return; // a place on this page
    if (anchor.pathname !== base && !anchor.pathname.startsWith(`${base}/`)) return;
    event.preventDefault();
    onFollow();
    navigate(anchor.pathname.slice(base.length) || "/");
}

// `onFollow`: before a person's own step to another page.
export function startRouter(onFollow: () => void): void {
    document.addEventListener("click", (event) => follow(event, onFollow));
    window.addEventListener("popstate", () => path.set(here()));
}
