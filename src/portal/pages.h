#pragma once
// The pages, one function for each path and method. Each answers its visit once; those for a person are called only
// with one, and every POST has passed its origin and form-token checks.
#include "portal/visit.h"

namespace sekisho::portal {

// sign_in.cc
void show_sign_in(VisitPointer visit);
void take_username(VisitPointer visit);
void take_password(VisitPointer visit);
void take_code(VisitPointer visit);
void show_sign_out(VisitPointer visit);
void sign_out(VisitPointer visit);
void sign_out_everywhere(VisitPointer visit);

// enrolment.cc
void choose_device_kind(VisitPointer visit);  // in a sign-in
void start_enrolment(VisitPointer visit);
void confirm_enrolment(VisitPointer visit);
void show_device_registration(VisitPointer visit);  // a person's further device

// invitation.cc, passwords
void show_invitation(VisitPointer visit);
void take_invited_password(VisitPointer visit);
void take_changed_password(VisitPointer visit);
void show_forgot_password(VisitPointer visit);
void request_password_reset(VisitPointer visit);
void verify_email(VisitPointer visit);

// start.cc
void show_portal(VisitPointer visit);
void show_console(VisitPointer visit);
void show_credentials(VisitPointer visit);

// consent.cc
void show_device(VisitPointer visit);
void confirm_device(VisitPointer visit);
void decide_device(VisitPointer visit);
void show_authorization(VisitPointer visit);
void decide_authorization(VisitPointer visit);

// account.cc
void show_account(VisitPointer visit);

}  // namespace sekisho::portal
