# Fills a manifest template with the digest of the driver binary that was just linked.
file(SHA256 ${BINARY} GARITA_DRIVER_SHA256)
configure_file(${TEMPLATE} ${MANIFEST} @ONLY)
