// DuckDB's C functions below take memory under the instance's limit, and throw when there is none left. Called from Go there would be
// nobody to catch it, and the process would end; here it becomes an answer.
#include <cstdint>

extern "C" {

void duckdb_unsafe_vector_assign_string_element_len(void *vector, uint64_t index, const char *text, uint64_t length);
int duckdb_list_vector_reserve(void *vector, uint64_t capacity);

// penstock_assign copies text into a row of a vector; 0 says that there was no memory for it.
int penstock_assign(void *vector, uint64_t index, const char *text, uint64_t length) {
	try {
		duckdb_unsafe_vector_assign_string_element_len(vector, index, text, length);
		return 1;
	} catch (...) {
		return 0;
	}
}

// penstock_reserve makes room for the elements of a vector of lists.
int penstock_reserve(void *vector, uint64_t capacity) {
	try {
		return duckdb_list_vector_reserve(vector, capacity) == 0;
	} catch (...) {
		return 0;
	}
}
}
