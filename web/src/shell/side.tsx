import SideNavigation from "@cloudscape-design/components/side-navigation";
import type { ReactNode } from "react";
import { href } from "../router";
import { useTexts } from "../texts";

export function Side({ section }: { section: string }): ReactNode {
    const { common, identity, applications, organization, iam, eks } = useTexts();
    const link = (text: string, path: string) => ({ type: "link" as const, text, href: href(path) });
    return (
        <SideNavigation
            activeHref={href(section)}
            header={{ text: common.console, href: href("/") }}
            items={[
                {
                    type: "section",
                    text: identity.title,
                    items: [
                        link(identity.dashboard, "/identity-center"),
                        link(identity.users, "/identity-center/users"),
                        link(identity.groups, "/identity-center/groups"),
                        link(identity.accounts, "/identity-center/accounts"),
                        link(identity.permissionSets, "/identity-center/permission-sets"),
                        link(applications.title, "/identity-center/applications"),
                        link(applications.issuers, "/identity-center/trusted-token-issuers"),
                        link(common.settings, "/identity-center/settings"),
                    ],
                },
                {
                    type: "section",
                    text: organization.title,
                    items: [
                        link(organization.accounts, "/organization"),
                        link(organization.policies, "/organization/policies"),
                        link(organization.delegation, "/organization/delegated-administrators"),
                    ],
                },
                {
                    type: "section",
                    text: iam.title,
                    items: [link(iam.users, "/iam/users"), link(iam.roles, "/iam/roles"), link(iam.policies, "/iam/policies")],
                },
                { type: "section", text: "EKS", items: [link(eks.clusters, "/eks/clusters")] },
                { type: "section", text: common.records, items: [link(common.activity, "/activity"), link(common.mail, "/mail")] },
            ]}
        />
    );
}
