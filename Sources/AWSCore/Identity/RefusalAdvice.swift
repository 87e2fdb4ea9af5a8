/// What to do about what a service says that hands out credentials: for each well-known error what mends it, for any other how to
/// see it alone.
enum RefusalAdvice {
    /// Of STS, asked for a role with other credentials.
    /// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html#API_AssumeRole_Errors
    static func assuming(_ role: AssumedRole, region: String, code: String?) -> String {
        let opener = role.opener.words
        switch code ?? "" {
        case "AccessDenied", "AccessDeniedException", "NotAuthorized", "UnauthorizedException":
            return "allow sts:AssumeRole on it to \(opener) (aws sts get-caller-identity\(role.opener.option) says who "
                + "that is), and name them in the role's trust policy, with the external_id that it may demand"
        case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired":
            return
                "renew \(opener), such as by aws sso login\(role.opener.option), or open the role with a source that "
                + "renews itself"
        case "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId":
            return
                "check \(opener): AWS does not know the access key, or it belongs to another partition, or lacks its "
                + "session token"
        case "SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature", "RequestExpired":
            return "check the secret key of \(opener), and this machine's clock"
        case "RegionDisabledException", "RegionDisabled", "OptInRequired": return enable(region)
        case "ValidationError", "ValidationException":
            return "correct what the message names: role_arn, role_session_name, external_id or duration_seconds of "
                + "\(role.place), the last not above the role's own maximum"
        default:
            return "see it alone with aws sts assume-role --role-arn \(role.arn) --role-session-name check"
                + "\(role.opener.option), which \(opener) open, and check role_arn, region and source of \(role.place)"
        }
    }

    /// Of STS, asked for a role with another provider's token.
    /// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_Errors
    static func assuming(_ role: WebIdentityRole, region: String, code: String?) -> String {
        switch code ?? "" {
        case "AccessDenied", "AccessDeniedException", "NotAuthorized", "UnauthorizedException":
            return "name the token's issuer, audience and subject in the role's trust policy"
        case "ExpiredToken", "ExpiredTokenException":
            return "look why the token in the file is not renewed (\(role.tokenFile))"
        case "InvalidIdentityToken", "InvalidIdentityTokenException":
            return
                "check the token's issuer and audience, and that the role's account has the issuer as identity provider "
                + "(aws iam list-open-id-connect-providers)"
        case "IDPRejectedClaim", "IDPRejectedClaimException":
            return "let whoever writes \(role.tokenFile) get a new token: its issuer does not stand by this one"
        case idpUnreachable, "IDPCommunicationErrorException":
            return
                "wait, since it is asked again by itself, and check that the token's issuer can be reached from the internet"
        case "RegionDisabledException", "RegionDisabled", "OptInRequired": return enable(region)
        case "ValidationError", "ValidationException":
            return "correct what the message names: AWS_ROLE_ARN and AWS_ROLE_SESSION_NAME, or role_arn and "
                + "role_session_name of the profile"
        default:
            return
                "see it alone with aws sts assume-role-with-web-identity --role-arn \(role.arn) --role-session-name check "
                + "--web-identity-token file://\(role.tokenFile), and check role and token file"
        }
    }

    /// STS could not ask the token's issuer, which may pass.
    static let idpUnreachable = "IDPCommunicationError"

    private static func enable(_ region: String) -> String {
        "enable STS in \(region) (account settings of IAM), or choose another region by AWS_REGION"
    }

    /// Of IAM Identity Center, asked for a role.
    /// https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html
    static func role(_ role: SSORole, code: String?, status: Int) -> String {
        let check = "check sso_role_name and sso_account_id"
        switch (code ?? "", status) {
        case ("ResourceNotFoundException", _), ("", 404):
            return
                "\(check) of \(role.place), and sso_region (\(role.region)): aws configure sso --profile \(role.profile) "
                + "shows what there is"
        case ("InvalidRequestException", _), ("ValidationException", _):
            return "correct what the message names: sso_account_id, sso_role_name or sso_region of \(role.place)"
        case ("ForbiddenException", _), ("AccessDeniedException", _), ("", 403):
            return "\(check), and that the permission set is assigned to this user; aws sso login --profile "
                + "\(role.profile) logs in as another"
        default:
            return "\(check), and see it alone with aws sts get-caller-identity --profile \(role.profile)"
        }
    }

    /// Of IAM Identity Center, asked for a new token.
    /// https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html#API_CreateToken_Errors
    static func token(_ role: SSORole, code: String?) -> String {
        let login = "run aws sso login --profile \(role.profile)"
        switch code ?? "" {
        case "AccessDeniedException", "access_denied":
            return "have this user's access to IAM Identity Center restored, then \(login)"
        case "InvalidRequestException", "invalid_request", "InvalidScopeException", "invalid_scope":
            return "check sso_region (\(role.region)) and sso_registration_scopes of \(role.place), then \(login)"
        // The grant was used or taken back, or this machine's registration has ended: a login makes both anew.
        default: return login
        }
    }

    /// Of any of them, in trouble or asking for less.
    static func passing(isThrottle: Bool) -> String {
        isThrottle
            ? "wait, since it is asked again by itself; where it stays so, let fewer processes renew credentials at once"
            : "wait until it works again, or look at what stands between"
    }
}

extension AssumedRole {
    /// Who opens a role.
    struct Opener: Sendable, Equatable {
        /// The profile of `source_profile`, where it names one.
        var profile: String?
        /// `credential_source`, where the profile names that.
        var source: String?

        /// "the credentials of source_profile base"
        var words: String {
            if let profile { return "the credentials of source_profile \(profile)" }
            return "the credentials of credential_source \(source ?? "")"
        }

        /// " --profile base", or nothing.
        var option: String { profile.map { " --profile \($0)" } ?? "" }
    }
}
