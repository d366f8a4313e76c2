#include "cli/program.h"

int main(int count, char** arguments) {
    return sekisho::cli::run(count, arguments);
}
