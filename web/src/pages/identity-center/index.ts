export { Dashboard } from "./dashboard";
export { Users, AddUser } from "./users";
export { UserPage } from "./user";
export { Groups, GroupPage } from "./groups";
export { PermissionSets, PermissionSetPage } from "./permission_sets";
export { CreatePermissionSet } from "./create_permission_set";
export { Accounts, AccountPage } from "./accounts";
export { Assign } from "./assign";
export { Settings } from "./settings";
