/// Names that documents give for what a caller knows, and that nothing in the contract has.
enum StrangeName {
    /// Words of what one thing is known by, whatever it is called besides.
    private static let names: Set = [
        "id", "uuid", "guid", "slug", "email", "mail", "phone", "username", "login", "handle", "nickname", "code",
        "barcode",
        "sku", "isbn", "ean", "iban", "ssn", "vin", "number", "no", "reference", "ref", "token", "hash", "url",
        "domain",
        "plate", "serial", "name",
    ]
    /// Words of how much is read, and from where on: of pages, and not of things.
    private static let paging: Set = ["page", "limit", "size", "cursor", "offset", "count", "next", "last", "previous"]

    /// Whether it is the name of what one thing is known by: `seller_id`, `slug`, `phone_number`; not `page_token`, `date`, `filters`.
    static func isNameOfOne(_ name: String) -> Bool {
        let words = NameStem.words(name)
        return words.last.map(names.contains) ?? false && paging.isDisjoint(with: words)
    }
}
