// Who works here, as what, where; language and appearance.
import TopNavigation, { type TopNavigationProps } from "@cloudscape-design/components/top-navigation";
import type { ReactNode } from "react";
import { href, navigate } from "../router";
import { session } from "../session";
import { choose, settings, type Language, type Theme } from "../settings";
import { useStore } from "../store";
import { useTexts } from "../texts";

// A gate: two beams on two posts, as the portal's mark.
const logo = "/favicon.ico";

export const regions = [
    "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1",
    "ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
];

export function Top(): ReactNode {
    const t = useTexts().common;
    const who = useStore(session.who);
    const chosen = useStore(settings);
    const checked = (mark: boolean, text: string): string => (mark ? `✓ ${text}` : text);
    const utilities: TopNavigationProps.Utility[] = [
        {
            type: "menu-dropdown",
            iconName: "settings",
            ariaLabel: t.settings,
            title: t.settings,
            items: [
                {
                    id: "languages",
                    text: t.language,
                    items: [
                        { id: "language:en", text: checked(chosen.language === "en", "English"), lang: "en" },
                        { id: "language:ja", text: checked(chosen.language === "ja", "日本語"), lang: "ja" },
                    ],
                },
                {
                    id: "themes",
                    text: t.theme,
                    items: [
                        { id: "theme:system", text: checked(chosen.theme === "system", t.themeSystem) },
                        { id: "theme:light", text: checked(chosen.theme === "light", t.themeLight) },
                        { id: "theme:dark", text: checked(chosen.theme === "dark", t.themeDark) },
                    ],
                },
            ],
            onItemClick: ({ detail }) => {
                const [kind, value] = detail.id.split(":");
                if (kind === "language") choose({ language: value as Language });
                if (kind === "theme") choose({ theme: value as Theme });
            },
        },
    ];
    if (who.kind === "role" || who.kind === "user" || who.kind === "keys") {
        utilities.unshift({
            type: "menu-dropdown",
            text: chosen.region,
            ariaLabel: `${t.region}: ${chosen.region}`,
            items: regions.map((region) => ({ id: region, text: checked(region === chosen.region, region) })),
            onItemClick: ({ detail }) => choose({ region: detail.id }),
        });
    }
    if (who.kind === "role" || who.kind === "person") {
        utilities.push({
            type: "menu-dropdown",
            iconName: "user-profile",
            text: who.kind === "role" ? `${who.role.roleName}/${who.person.userName} @ ${who.role.accountId}` : who.person.userName,
            description: who.kind === "role" ? who.role.roleName : undefined,
            items: [
                ...(who.kind === "role" ? [{ id: "switch", text: t.switchRole }] : []),
                { id: "account", text: t.yourAccount, href: "/account" },
                { id: "portal", text: t.portal, href: "/start" },
                { id: "out", text: t.signOut, href: "/signout" },
            ],
            onItemClick: ({ detail }) => detail.id === "switch" && session.chooseAnother(),
        });
    }
    if (who.kind === "user") {
        utilities.push({
            type: "menu-dropdown",
            iconName: "user-profile",
            text: `${who.user.userName} @ ${who.user.accountId}`,
            description: who.user.arn,
            items: [{ id: "out", text: t.signOut, href: "/signout/iam" }],
        });
    }
    if (who.kind === "keys") {
        utilities.push({
            type: "menu-dropdown",
            iconName: "key",
            text: who.arn.split("/").pop() ?? t.accessKeys,
            description: who.arn,
            items: [{ id: "out", text: t.signOut }],
            onItemClick: () => session.forgetKeys(),
        });
    }
    return (
        <TopNavigation
            identity={{
                href: href("/"),
                title: t.product,
                logo: { src: logo, alt: "" },
                onFollow: (event) => {
                    event.preventDefault();
                    navigate("/");
                },
            }}
            utilities={utilities}
        />
    );
}
