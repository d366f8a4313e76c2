export { Users, UserPage } from "./users";
export { Roles, CreateRole, RolePage } from "./roles";
export { Policies, CreatePolicy, PolicyPage } from "./policies";
