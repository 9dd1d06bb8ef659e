#include "encode.hpp"

GARITA_TWIN(acme::encode, "com.example.acme-x1-twin", "0.1.0", "ACME-X1")
