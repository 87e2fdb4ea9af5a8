import ContractEngine
import ContractGenerator
import Testing

/// Patterns that read a stretch of time ask for its ends, whatever words say so; one time is asked for where words speak of one.
struct RangeWordsTests {
    /// - Parameter date: the attribute that the sort key begins with, as JSON.
    private func listing(
        _ description: String, _ keys: String,
        date: String = #"{"name": "issued_on", "type": "S", "source_type": "DATE"}"#,
        sort: String = "INV#{issued_on}#{invoice_no}"
    ) throws -> (method: String, line: String) {
        let contract = """
            {"tables": [{"table": "Invoices", "source_table": "invoices", "pk": "PK", "sk": "SK",
              "pk_template": "TENANT#{tenant_id}", "sk_template": "\(sort)",
              "attributes": [{"name": "tenant_id", "type": "S"}, \(date), {"name": "status", "type": "S"},
                {"name": "invoice_no", "type": "S"}]}]}
            """
        let patterns =
            "id,description,type,operation,table,peak rps,key attributes\nAP1,\(description),Read,Query,Invoices,1,\"\(keys)\"\n"
        let code = try GeneratedCode.make(
            ContractDocument.read(
                contract: SourceText(name: "c.json", text: contract),
                patterns: SourceText(name: "p.csv", text: patterns)))
        let text = code.files.first { $0.name == "InvoiceRepository.swift" }?.text ?? ""
        let start = try #require(text.firstRange(of: "/// AP1"))
        let method = text[start.lowerBound...].split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return (method, code.patterns[0])
    }

    @Test(arguments: [
        ("Invoices of this month", "tenant_id, issued_on"), ("Upcoming invoices from today", "tenant_id, issued_on"),
        ("Last year's invoices", "tenant_id, issued_on"), ("Invoices newer than a date", "tenant_id, issued_on"),
        ("Invoices until a date", "tenant_id, issued_on >= :from"), ("Invoices from a date", "tenant_id, issued_on"),
        ("Invoices of the last 30 days", "tenant_id, issued_on"), ("Past invoices", "tenant_id, issued_on"),
        ("Invoices", "tenant_id, issued_on <= :to"), ("Invoices", "tenant_id, issued_on BETWEEN :a AND :b"),
    ])
    func aStretchIsAskedForByItsEnds(_ description: String, _ keys: String) throws {
        let (method, line) = try listing(description, keys)
        #expect(method.contains(#"["tenant_id": tenantID], beginning: beginning.map { ["issued_on": $0] }"#))
        #expect(!line.contains("guess"))
    }

    @Test func aComparisonCountsWhateverItsValueIs() throws {
        let (method, _) = try listing(
            "Invoices", "tenant_id, issued >= :from", date: #"{"name": "issued", "type": "S"}"#,
            sort: "INV#{issued}#{invoice_no}")
        #expect(method.contains(#"["tenant_id": tenantID], beginning: beginning.map { ["issued": $0] }"#))
    }

    @Test func aTimeOfWhichNobodySaysIsAGuess() throws {
        let (method, line) = try listing("Invoices of a tenant", "tenant_id, issued_on")
        #expect(method.contains(#"["tenant_id": tenantID], beginning: beginning.map { ["issued_on": $0] }"#))
        #expect(line.hasSuffix("; taken for a stretch of issued_on, by guess"))
    }

    @Test(arguments: ["Invoices of a tenant on a date", "Invoices of the given day", "Invoices for one date"])
    func oneDateIsAskedForAsItIs(_ description: String) throws {
        let (method, line) = try listing(description, "tenant_id, issued_on")
        #expect(method.contains(#"["tenant_id": tenantID, "issued_on": issuedOn]"#))
        #expect(!line.contains("guess"))
    }

    @Test(arguments: [
        ("Invoices in a status since a date", "tenant_id, status, issued_on"),
        ("Recent invoices in a status", "tenant_id, status"),
        ("Invoices in a status of the last 3 months", "tenant_id, status"),
    ])
    func whatStandsBeforeTheTimeIsAskedFor(_ description: String, _ keys: String) throws {
        let (method, _) = try listing(description, keys, sort: "S#{status}#{issued_on}#{invoice_no}")
        #expect(
            method.contains(
                #"["tenant_id": tenantID, "status": status], beginning: beginning.map { ["issued_on": $0] }"#))
    }
}
