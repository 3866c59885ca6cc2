"""Courses with their histories, treatments, holds and decisions."""
