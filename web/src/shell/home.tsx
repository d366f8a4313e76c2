import Cards from "@cloudscape-design/components/cards";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Header from "@cloudscape-design/components/header";
import type { ReactNode } from "react";
import { Facts, useTitle } from "../parts/page";
import { href } from "../router";
import { session } from "../session";
import { settings } from "../settings";
import { useStore } from "../store";
import { useTexts } from "../texts";

export function Home(): ReactNode {
    const { common, identity, organization, iam, eks, records } = useTexts();
    const who = useStore(session.who);
    const { region } = useStore(settings);
    useTitle(common.homeTitle);
    const services = [
        { title: identity.title, text: identity.about, path: "/identity-center" },
        { title: organization.title, text: organization.about, path: "/organization" },
        { title: iam.title, text: iam.about, path: "/iam/users" },
        { title: "EKS", text: eks.about, path: "/eks/clusters" },
        { title: common.activity, text: records.activityAbout, path: "/activity" },
        { title: common.mail, text: records.mailAbout, path: "/mail" },
    ];
    const principal = who.kind === "user" ? who.user : who.kind === "keys" ? who : undefined;
    const facts: [string, ReactNode][] =
        who.kind === "role"
            ? [
                  [common.person, who.person.userName],
                  [common.account, who.role.accountName ? `${who.role.accountName} (${who.role.accountId})` : who.role.accountId],
                  [common.role, who.role.roleName],
                  [common.region, region],
              ]
            : principal
              ? [
                    [common.workingAs, principal.arn],
                    [common.account, principal.accountId],
                    [common.region, region],
                ]
              : [];
    return (
        <SpaceBetween size="l">
            <div className="hero">
                <h1>{common.homeTitle}</h1>
                <p>{common.homeText}</p>
            </div>
            <Facts title={common.workingAs} facts={facts} columns={4} />
            <Header variant="h2">{common.services}</Header>
            <Cards
                ariaLabels={{ itemSelectionLabel: (_, item) => item.title, selectionGroupLabel: common.services }}
                cardDefinition={{
                    header: (item) => (
                        <Link href={href(item.path)} fontSize="heading-m">
                            {item.title}
                        </Link>
                    ),
                    sections: [{ id: "text", content: (item) => item.text }],
                }}
                cardsPerRow={[{ cards: 1 }, { minWidth: 600, cards: 3 }]}
                items={services}
            />
        </SpaceBetween>
    );
}
