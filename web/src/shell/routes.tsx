// Every page's address. Sections are loaded when first opened.
import { lazy, type ComponentType } from "react";
import type { Texts } from "../texts";

export type Parameters = Record<string, string>;
type PageComponent = ComponentType<Parameters>;

export interface Route {
    path: string;
    page: PageComponent;
    section: string; // the side navigation's active entry
    crumbs: (t: Texts, parameters: Parameters) => [text: string, path: string][];
}

const from = <M extends Record<string, unknown>>(load: () => Promise<M>, name: keyof M): PageComponent =>
    lazy(async () => ({ default: (await load())[name] as PageComponent })) as unknown as PageComponent;

const identity = (name: keyof typeof import("../pages/identity-center")) => from(() => import("../pages/identity-center"), name);
const organization = (name: keyof typeof import("../pages/organization")) => from(() => import("../pages/organization"), name);
const iam = (name: keyof typeof import("../pages/iam")) => from(() => import("../pages/iam"), name);
const eks = (name: keyof typeof import("../pages/eks")) => from(() => import("../pages/eks"), name);

type Crumbs = Route["crumbs"];
const inIdentity = (...rest: ((t: Texts, p: Parameters) => [string, string])[]): Crumbs => (t, p) => [
    [t.identity.title, "/identity-center"],
    ...rest.map((crumb) => crumb(t, p)),
];
const inOrganization = (...rest: ((t: Texts, p: Parameters) => [string, string])[]): Crumbs => (t, p) => [
    [t.organization.title, "/organization"],
    ...rest.map((crumb) => crumb(t, p)),
];
const inIam = (...rest: ((t: Texts, p: Parameters) => [string, string])[]): Crumbs => (t, p) => [
    [t.iam.title, "/iam/users"],
    ...rest.map((crumb) => crumb(t, p)),
];
const here = (text: (t: Texts, p: Parameters) => string) => (t: Texts, p: Parameters): [string, string] => [text(t, p), ""];
const to = (path: string, text: (t: Texts) => string) => (t: Texts): [string, string] => [text(t), path];

const ic = "/identity-center";
const users = to(`${ic}/users`, (t) => t.identity.users);
const groups = to(`${ic}/groups`, (t) => t.identity.groups);
const sets = to(`${ic}/permission-sets`, (t) => t.identity.permissionSets);
const applications = to(`${ic}/applications`, (t) => t.applications.title);
const accounts = to(`${ic}/accounts`, (t) => t.identity.accounts);

export const routes: Route[] = [
    { path: ic, page: identity("Dashboard"), section: ic, crumbs: inIdentity() },
    { path: `${ic}/users`, page: identity("Users"), section: `${ic}/users`, crumbs: inIdentity(users) },
    { path: `${ic}/users/add`, page: identity("AddUser"), section: `${ic}/users`, crumbs: inIdentity(users, here((t) => t.identity.addUser)) },
    { path: `${ic}/users/:id`, page: identity("UserPage"), section: `${ic}/users`, crumbs: inIdentity(users, here((_, p) => p["id"]!)) },
    { path: `${ic}/groups`, page: identity("Groups"), section: `${ic}/groups`, crumbs: inIdentity(groups) },
    { path: `${ic}/groups/:id`, page: identity("GroupPage"), section: `${ic}/groups`, crumbs: inIdentity(groups, here((_, p) => p["id"]!)) },
    { path: `${ic}/permission-sets`, page: identity("PermissionSets"), section: `${ic}/permission-sets`, crumbs: inIdentity(sets) },
    {
        path: `${ic}/permission-sets/create`,
        page: identity("CreatePermissionSet"),
        section: `${ic}/permission-sets`,
        crumbs: inIdentity(sets, here((t) => t.identity.createPermissionSet)),
    },
    {
        path: `${ic}/permission-sets/:id`,
        page: identity("PermissionSetPage"),
        section: `${ic}/permission-sets`,
        crumbs: inIdentity(sets, here((_, p) => p["id"]!)),
    },
    { path: `${ic}/accounts`, page: identity("Accounts"), section: `${ic}/accounts`, crumbs: inIdentity(accounts) },
    {
        path: `${ic}/accounts/assign/:ids`,
        page: identity("Assign"),
        section: `${ic}/accounts`,
        crumbs: inIdentity(accounts, here((t) => t.identity.assign)),
    },
    { path: `${ic}/accounts/:id`, page: identity("AccountPage"), section: `${ic}/accounts`, crumbs: inIdentity(accounts, here((_, p) => p["id"]!)) },
    { path: `${ic}/applications`, page: identity("Applications"), section: `${ic}/applications`, crumbs: inIdentity(applications) },
    {
        path: `${ic}/applications/add`,
        page: identity("AddApplication"),
        section: `${ic}/applications`,
        crumbs: inIdentity(applications, here((t) => t.applications.add)),
    },
    {
        path: `${ic}/applications/:arn`,
        page: identity("ApplicationPage"),
        section: `${ic}/applications`,
        crumbs: inIdentity(applications, here((_, p) => p["arn"]!.split("/").pop()!)),
    },
    {
        path: `${ic}/trusted-token-issuers`,
        page: identity("Issuers"),
        section: `${ic}/trusted-token-issuers`,
        crumbs: inIdentity(here((t) => t.applications.issuers)),
    },
    { path: `${ic}/settings`, page: identity("Settings"), section: `${ic}/settings`, crumbs: inIdentity(here((t) => t.common.settings)) },

    { path: "/organization", page: organization("Organization"), section: "/organization", crumbs: inOrganization() },
    {
        path: "/organization/accounts/:id",
        page: organization("AccountPage"),
        section: "/organization",
        crumbs: inOrganization(here((_, p) => p["id"]!)),
    },
    {
        path: "/organization/policies",
        page: organization("Policies"),
        section: "/organization/policies",
        crumbs: inOrganization(here((t) => t.organization.policies)),
    },
    {
        path: "/organization/policies/create/:type",
        page: organization("CreatePolicy"),
        section: "/organization/policies",
        crumbs: inOrganization(
            to("/organization/policies", (t) => t.organization.policies),
            here((t) => t.organization.createPolicy),
        ),
    },
    {
        path: "/organization/policies/:id",
        page: organization("PolicyPage"),
        section: "/organization/policies",
        crumbs: inOrganization(
            to("/organization/policies", (t) => t.organization.policies),
            here((_, p) => p["id"]!),
        ),
    },

    {
        path: "/organization/delegated-administrators",
        page: organization("Delegation"),
        section: "/organization/delegated-administrators",
        crumbs: inOrganization(here((t) => t.organization.delegation)),
    },

    { path: "/iam/users", page: iam("Users"), section: "/iam/users", crumbs: inIam(to("/iam/users", (t) => t.iam.users)) },
    {
        path: "/iam/users/:name",
        page: iam("UserPage"),
        section: "/iam/users",
        crumbs: inIam(to("/iam/users", (t) => t.iam.users), here((_, p) => p["name"]!)),
    },
    { path: "/iam/roles", page: iam("Roles"), section: "/iam/roles", crumbs: inIam(here((t) => t.iam.roles)) },
    {
        path: "/iam/roles/create",
        page: iam("CreateRole"),
        section: "/iam/roles",
        crumbs: inIam(to("/iam/roles", (t) => t.iam.roles), here((t) => t.iam.createRole)),
    },
    {
        path: "/iam/roles/:name",
        page: iam("RolePage"),
        section: "/iam/roles",
        crumbs: inIam(to("/iam/roles", (t) => t.iam.roles), here((_, p) => p["name"]!)),
    },
    { path: "/iam/policies", page: iam("Policies"), section: "/iam/policies", crumbs: inIam(here((t) => t.iam.policies)) },
    {
        path: "/iam/policies/create",
        page: iam("CreatePolicy"),
        section: "/iam/policies",
        crumbs: inIam(to("/iam/policies", (t) => t.iam.policies), here((t) => t.iam.createPolicy)),
    },
    {
        path: "/iam/policies/:arn",
        page: iam("PolicyPage"),
        section: "/iam/policies",
        crumbs: inIam(to("/iam/policies", (t) => t.iam.policies), here((_, p) => p["arn"]!.split("/").pop()!)),
    },

    { path: "/eks/clusters", page: eks("Clusters"), section: "/eks/clusters", crumbs: (t) => [[t.eks.clusters, ""]] },
    {
        path: "/eks/clusters/create",
        page: eks("CreateCluster"),
        section: "/eks/clusters",
        crumbs: (t) => [
            [t.eks.clusters, "/eks/clusters"],
            [t.eks.createCluster, ""],
        ],
    },
    {
        path: "/eks/clusters/:name/nodes/create",
        page: eks("CreateNodegroup"),
        section: "/eks/clusters",
        crumbs: (t, p) => [
            [t.eks.clusters, "/eks/clusters"],
            [p["name"]!, `/eks/clusters/${encodeURIComponent(p["name"]!)}`],
            [t.eks.createNodegroup, ""],
        ],
    },
    {
        path: "/eks/clusters/:name",
        page: eks("ClusterPage"),
        section: "/eks/clusters",
        crumbs: (t, p) => [
            [t.eks.clusters, "/eks/clusters"],
            [p["name"]!, ""],
        ],
    },
    { path: "/activity", page: from(() => import("../pages/activity"), "Activity"), section: "/activity", crumbs: (t) => [[t.common.activity, ""]] },
    { path: "/mail", page: from(() => import("../pages/mail"), "Mail"), section: "/mail", crumbs: (t) => [[t.common.mail, ""]] },
];
