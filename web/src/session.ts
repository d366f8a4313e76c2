// Who works here. Credentials live in this module's memory and nowhere else: a reload asks the door again. Only the names
// of the chosen account and role outlive it, for the tab.
import { AwsError } from "./aws/error";
import { forgetSigningKeys, type Credentials } from "./aws/sigv4";
import { Store } from "./store";

export interface Role {
    accountId: string;
    accountName?: string;
    roleName: string;
}
export interface Person {
    userName: string;
}
// An IAM user who is signed in by its own password.
export interface IamUser {
    accountId: string;
    userName: string;
    arn: string;
}
export interface PortalAccount {
    accountId: string;
    accountName: string;
    emailAddress?: string;
    roles: { roleName: string; description?: string }[];
}

export type Who =
    | { kind: "unknown" } // not asked yet
    | { kind: "nobody" } // no sign-in session in this browser
    | { kind: "person"; person: Person } // signed in, no role chosen
    | { kind: "role"; person: Person; role: Role }
    | { kind: "user"; user: IamUser }
    | { kind: "keys"; accountId: string; arn: string }; // access keys typed in: the first set-up

const roleName = "sekisho-console-role";
const refreshBefore = 5 * 60 * 1000;

// POST, so that Origin is sent; the door checks it (src/portal/console.cc).
async function askDoor<T>(path: string, fields: Record<string, string> = {}): Promise<T> {
    const response = await fetch(`/console/${path}`, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(fields).toString(),
        credentials: "same-origin",
        cache: "no-store",
        redirect: "error",
        keepalive: true, // what was chosen is kept though the page is left at once
    });
    const body = (await response.json().catch(() => ({}))) as T & { code?: string; message?: string };
    if (!response.ok) throw new AwsError(body.code ?? `HTTP ${response.status}`, body.message ?? "", response.status);
    return body;
}

class Session {
    readonly who = new Store<Who>({ kind: "unknown" });
    homeRegion: string | undefined; // of Identity Center, where it was there when the page was opened
    preferences: { language?: string; theme?: string } = {}; // of this browser, when the page was opened
    private held: Credentials | undefined;
    private fetching: Promise<Credentials> | undefined;
    private clockOffset = 0;

    // The server's clock: a browser's may be wrong by more than a signature allows.
    now(): number {
        return Date.now() + this.clockOffset;
    }
    private setServerTime(time: number): void {
        // What the way took is no difference.
        const offset = time - Date.now();
        this.clockOffset = Math.abs(offset) > 30_000 ? offset : 0;
    }

    // Asks who is signed in, and takes up the role of the address or of this tab.
    async open(wanted: Role | undefined): Promise<void> {
        const answer = await askDoor<{
            time: number;
            userName?: string;
            iamUser?: IamUser;
            region?: string;
            language?: string;
            theme?: string;
        }>("session");
        this.setServerTime(answer.time);
        this.homeRegion = answer.region;
        this.preferences = answer;
        const role = answer.userName ? (wanted ?? this.rememberedRole()) : undefined;
        // Who is both works as the role that was chosen; else as the IAM user, who has no choice to make.
        if (answer.iamUser && !role) return this.who.set({ kind: "user", user: answer.iamUser });
        if (!answer.userName) return this.who.set({ kind: "nobody" });
        const person = { userName: answer.userName };
        this.who.set(role ? { kind: "role", person, role } : { kind: "person", person });
        if (role) this.remember(role);
    }

    // For all of our pages. Where it fails, the choice lasts as long as this one.
    async keepPreferences(chosen: Record<string, string>): Promise<void> {
        await askDoor("preferences", chosen).catch(() => undefined);
    }

    async *accounts(): AsyncGenerator<PortalAccount[]> {
        let page: string | undefined;
        do {
            const answer = await askDoor<{ accounts: PortalAccount[]; nextToken?: string }>("roles", page ? { page } : {});
            yield answer.accounts;
            page = answer.nextToken;
        } while (page);
    }

    choose(role: Role): void {
        const who = this.who.get();
        if (who.kind !== "person" && who.kind !== "role") return;
        this.forgetCredentials();
        this.remember(role);
        this.who.set({ kind: "role", person: who.person, role });
    }

    chooseAnother(): void {
        const who = this.who.get();
        if (who.kind !== "role") return;
        this.forgetCredentials();
        sessionStorage.removeItem(roleName);
        this.who.set({ kind: "person", person: who.person });
    }

    // `check` calls the API with the keys that were typed, and says whose they are.
    async useKeys(keys: Credentials, check: () => Promise<{ accountId: string; arn: string }>): Promise<void> {
        this.forgetCredentials();
        this.held = keys;
        this.who.set({ kind: "keys", accountId: "", arn: "" });
        try {
            this.who.set({ kind: "keys", ...(await check()) });
        } catch (reason) {
            this.forgetCredentials();
            this.who.set({ kind: "nobody" });
            throw reason;
        }
    }

    forgetCredentials(): void {
        if (this.who.get().kind === "keys" && this.held?.expiration === undefined) return; // keys do not end
        this.held = undefined;
        forgetSigningKeys();
    }

    // Away from access keys; the portal's own session is ended by the portal's page.
    forgetKeys(): void {
        this.held = undefined;
        forgetSigningKeys();
        this.who.set({ kind: "nobody" });
    }

    async credentials(): Promise<Credentials> {
        const held = this.held;
        if (held && (held.expiration === undefined || held.expiration - this.now() > refreshBefore)) return held;
        const who = this.who.get();
        if (who.kind !== "role" && who.kind !== "user") throw new AwsError("NotSignedIn", "", 401);
        this.fetching ??= this.fetch(who.kind === "role" ? who.role : undefined).finally(() => (this.fetching = undefined));
        return this.fetching;
    }

    // Of the role; without one, the IAM user's own.
    private async fetch(role: Role | undefined): Promise<Credentials> {
        const asked = role
            ? askDoor<Required<Credentials>>("credentials", { account_id: role.accountId, role_name: role.roleName })
            : askDoor<Required<Credentials>>("user-credentials");
        const answer = await asked.catch((reason: unknown) => {
            // 401: the sign-in session is over.
            if (reason instanceof AwsError && reason.status === 401) this.who.set({ kind: "nobody" });
            throw reason;
        });
        this.held = answer;
        return answer;
    }

    private rememberedRole(): Role | undefined {
        try {
            const kept = JSON.parse(sessionStorage.getItem(roleName) ?? "null") as Role | null;
            return kept && typeof kept.accountId === "string" && typeof kept.roleName === "string" ? kept : undefined;
        } catch {
            return undefined;
        }
    }
    private remember(role: Role): void {
        try {
            sessionStorage.setItem(roleName, JSON.stringify(role));
        } catch {
            // Without storage a reload asks for the role again.
        }
    }
}

export const session = new Session();
